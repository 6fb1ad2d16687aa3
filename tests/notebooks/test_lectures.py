"""Each lecture's notebook is what its text source makes, and fit to be handed out. (nbval compares the outputs.)"""

import json

import lectures
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

SOURCE = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A lecture

# %%
import ipywidgets

print("one"); print("two")

# %% tags=["raises-exception"]
raise ValueError("on purpose")

# %% cellView="form" jupyter={"source_hidden": true} trusted=true
# @title A slider
ipywidgets.IntSlider(3)

# %%
"""


@pytest.mark.parametrize("path", lectures.notebooks(), ids=lambda path: path.stem)
def test_notebook_is_in_step_and_fit_to_be_handed_out(path):
    assert lectures.problems_in(path) == []


@pytest.mark.parametrize("path", lectures.sources(), ids=lambda path: path.stem)
def test_source_has_its_notebook(path):
    assert path.with_suffix(".ipynb").is_file(), "run `make notebooks`"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    source = tmp_path_factory.mktemp("lectures") / "01_trial.py"
    source.write_text(SOURCE)
    return source, lectures.build(source)


def test_building_leaves_nothing_of_the_machine(built):
    _, path = built
    notebook = json.loads(path.read_text())
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert "version" not in notebook["metadata"]["language_info"]
    (printed,) = notebook["cells"][1]["outputs"]
    assert "".join(printed["text"]) == "one\ntwo\n"
    assert lectures.WIDGET_VIEW not in path.read_text()
    assert lectures.problems_in(path) == []


def test_a_folded_cell_stays_folded(built):
    cells = json.loads(built[1].read_text())["cells"]
    (folded,) = (cell for cell in cells if "".join(cell["source"]).startswith("# @title"))
    assert folded["metadata"] == {"cellView": "form", "jupyter": {"source_hidden": True}}


@pytest.mark.slow
def test_building_twice_gives_the_same_file(built):
    source, path = built
    first = path.read_bytes()
    lectures.build(source)
    assert path.read_bytes() == first


def test_a_changed_source_is_noticed(built, tmp_path):
    source, path = built
    changed = tmp_path / source.name
    changed.write_text(SOURCE.replace("one", "three"))
    (tmp_path / path.name).write_bytes(path.read_bytes())
    assert lectures.problems_in(tmp_path / path.name) == ["cell 2 differs from 01_trial.py: run `make notebooks`"]
    changed.write_text(SOURCE + "\n1 + 1\n")
    assert any("make notebooks" in problem for problem in lectures.problems_in(tmp_path / path.name))


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (new_output("stream", text="saved to /home/ada/notes.txt"), "prints '/home/ada'"),
        (new_output("display_data", {"text/plain": "<object at 0x7f00deadbeef>"}), "prints 'at 0x7f00deadbeef'"),
        (new_output("error", ename="KeyError", evalue="'x'", traceback=[]), "raised KeyError"),
        (new_output("display_data", {"image/png": "A" * 600_000}), "bytes large"),
    ],
)
def test_what_must_not_be_handed_out_is_named(output, sentence):
    notebook = new_notebook(cells=[new_code_cell("f()", outputs=[output], execution_count=1)])
    (problem,) = lectures.problems_of(notebook)
    assert sentence in problem


def test_widget_state_is_refused():
    notebook = new_notebook(metadata={"widgets": {"application/vnd.jupyter.widget-state+json": {}}})
    assert any("metadata.widgets" in problem for problem in lectures.problems_of(notebook))


def test_notebooks_are_valid(built):
    nbformat.validate(nbformat.read(built[1], as_version=4))
