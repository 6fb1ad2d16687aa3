"""The command line copies notebooks without ever losing a student's work, and starts JupyterLab on the first."""

import json
import os
import stat
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepgrad import cli


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A package that ships two notebooks; calling it ships others."""
    folder = tmp_path / "shipped"
    folder.mkdir()

    def ship(**contents):
        for name, text in contents.items():
            (folder / f"{name}.ipynb").write_text(text)
        return sorted(folder.glob("*.ipynb"))

    ship(**{"03_forward": "forward 1", "04_reverse": "reverse 1"})
    monkeypatch.setattr(cli, "shipped_notebooks", lambda: sorted(folder.glob("*.ipynb")))
    return ship


@pytest.fixture
def course(tmp_path):
    return tmp_path / "my course"


def texts(folder):
    return {path.name: path.read_text() for path in folder.glob("*.ipynb")}


def test_first_copy(shipped, course, capsys):
    assert cli.main(["notebooks", str(course)]) == 0
    assert texts(course) == {"03_forward.ipynb": "forward 1", "04_reverse.ipynb": "reverse 1"}
    said = capsys.readouterr().out
    assert "03_forward.ipynb: copied" in said
    assert f"2 notebooks are in {course}" in said


def test_again_does_nothing_and_says_little(shipped, course, capsys):
    cli.main(["notebooks", str(course)])
    before = {path: path.stat().st_mtime_ns for path in course.glob("*.ipynb")}
    capsys.readouterr()
    assert cli.main(["notebooks", str(course)]) == 0
    assert {path: path.stat().st_mtime_ns for path in course.glob("*.ipynb")} == before
    assert capsys.readouterr().out == f"2 notebooks are in {course}\n"


def test_an_unedited_notebook_is_updated(shipped, course, capsys):
    cli.main(["notebooks", str(course)])
    shipped(**{"03_forward": "forward 2"})
    cli.main(["notebooks", str(course)])
    assert texts(course) == {"03_forward.ipynb": "forward 2", "04_reverse.ipynb": "reverse 1"}
    assert "03_forward.ipynb: updated" in capsys.readouterr().out


def test_an_edited_notebook_is_kept_and_the_new_version_put_beside_it_once(shipped, course, capsys):
    cli.main(["notebooks", str(course)])
    (course / "03_forward.ipynb").write_text("my work")
    cli.main(["notebooks", str(course)])
    assert texts(course) == {"03_forward.ipynb": "my work", "04_reverse.ipynb": "reverse 1"}
    assert "kept as you edited it\n" in capsys.readouterr().out

    shipped(**{"03_forward": "forward 2"})
    cli.main(["notebooks", str(course)])
    both = {"03_forward.ipynb": "my work", "03_forward-new.ipynb": "forward 2", "04_reverse.ipynb": "reverse 1"}
    assert texts(course) == both
    assert "the new version is beside it in 03_forward-new.ipynb" in capsys.readouterr().out

    (course / "03_forward-new.ipynb").unlink()
    cli.main(["notebooks", str(course)])
    assert "03_forward-new.ipynb" not in texts(course)


def test_a_newer_version_beside_takes_the_place_of_an_unedited_one_only(shipped, course):
    cli.main(["notebooks", str(course)])
    (course / "03_forward.ipynb").write_text("my work")
    shipped(**{"03_forward": "forward 2"})
    cli.main(["notebooks", str(course)])
    shipped(**{"03_forward": "forward 3"})
    cli.main(["notebooks", str(course)])
    assert texts(course)["03_forward-new.ipynb"] == "forward 3"

    (course / "03_forward-new.ipynb").write_text("my work on 3")
    shipped(**{"03_forward": "forward 4"})
    cli.main(["notebooks", str(course)])
    found = texts(course)
    assert found["03_forward.ipynb"] == "my work"
    assert found["03_forward-new.ipynb"] == "my work on 3"
    assert found["03_forward-new2.ipynb"] == "forward 4"


def notebook(*sources, one_per_line=False, outputs=(), **metadata):
    """A notebook as text; `one_per_line` cuts the sources into lists of lines, as JupyterLab saves them."""
    cells = [
        {
            "cell_type": "code",
            "source": text.splitlines(keepends=True) if one_per_line else text,
            "metadata": {},
            "outputs": list(outputs),
        }
        for text in sources
    ]
    return json.dumps({"cells": cells, "metadata": metadata}, indent=None if one_per_line else 1)


def test_a_notebook_that_was_only_opened_and_saved_counts_as_unedited(shipped, course):
    shipped(**{"03_forward": notebook("a\nb", "")})
    cli.main(["notebooks", str(course)])
    (course / "03_forward.ipynb").write_text(
        notebook("a\nb", "", one_per_line=True, language_info={"version": "3.14.1"})
    )
    shipped(**{"03_forward": notebook("a\nb", "c")})
    cli.main(["notebooks", str(course)])
    assert texts(course)["03_forward.ipynb"] == notebook("a\nb", "c")
    assert "03_forward-new.ipynb" not in texts(course)


@pytest.mark.parametrize("theirs", [notebook("a\n b"), notebook("a\nb", ""), notebook("a\nb", outputs=[{"text": "7"}])])
def test_whatever_is_in_a_cell_counts_as_work(shipped, course, theirs):
    shipped(**{"03_forward": notebook("a\nb")})
    cli.main(["notebooks", str(course)])
    (course / "03_forward.ipynb").write_text(theirs)
    shipped(**{"03_forward": notebook("a\nb", "c")})
    cli.main(["notebooks", str(course)])
    assert texts(course)["03_forward.ipynb"] == theirs
    assert texts(course)["03_forward-new.ipynb"] == notebook("a\nb", "c")


def test_a_deleted_notebook_comes_back(shipped, course):
    cli.main(["notebooks", str(course)])
    (course / "03_forward.ipynb").unlink()
    cli.main(["notebooks", str(course)])
    assert texts(course)["03_forward.ipynb"] == "forward 1"


@pytest.mark.parametrize(
    "manifest",
    ["", "{", "[]", "null", '{"version": 1}', '{"version": 9, "files": {}}', '{"version": 1, "files": {"a": 3}}'],
)
def test_without_a_readable_manifest_everything_there_is_kept(shipped, course, manifest):
    course.mkdir()
    (course / cli.MANIFEST).write_text(manifest)
    (course / "03_forward.ipynb").write_text("whose is this?")
    assert cli.main(["notebooks", str(course)]) == 0
    found = texts(course)
    assert found["03_forward.ipynb"] == "whose is this?"
    assert found["03_forward-new.ipynb"] == "forward 1"
    assert json.loads((course / cli.MANIFEST).read_text())["version"] == cli.MANIFEST_VERSION


def test_a_dangling_link_in_the_way_is_left_alone(shipped, course):
    course.mkdir()
    (course / "03_forward.ipynb").symlink_to(course / "nowhere")
    assert cli.main(["notebooks", str(course)]) == 0
    assert (course / "03_forward.ipynb").is_symlink()
    assert (course / "03_forward-new.ipynb").read_text() == "forward 1"


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("edit"), st.sampled_from(["03_a", "03_a-new", "04_b"]), st.integers(0, 3)),
            st.tuples(st.just("ship"), st.sampled_from(["03_a", "04_b"]), st.integers(0, 3)),
            st.tuples(st.just("copy"), st.none(), st.none()),
        ),
        max_size=12,
    )
)
def test_no_order_of_events_loses_work(tmp_path_factory, events):
    folder, course = tmp_path_factory.mktemp("shipped"), tmp_path_factory.mktemp("course")
    edited = {}
    for what, name, number in [("ship", "03_a", 0), ("ship", "04_b", 0), *events, ("copy", None, None)]:
        if what == "ship":
            (folder / f"{name}.ipynb").write_text(f"shipped {number}")
        elif what == "edit":
            edited[name] = f"work {number}"
            (course / f"{name}.ipynb").write_text(edited[name])
        else:
            cli.copy_notebooks(course, sorted(folder.glob("*.ipynb")))
            kept = {name: (course / f"{name}.ipynb").read_text() for name in edited}
            assert kept == edited
    # What is shipped can always be read: under its name, or beside it, unless it was there before.
    for notebook in folder.glob("*.ipynb"):
        if notebook.stem not in edited:
            assert (course / notebook.name).read_text() == notebook.read_text()


def test_a_file_where_the_folder_should_be(shipped, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert cli.main(["notebooks", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err == f"stepgrad: {tmp_path / 'file'} is a file: name a folder for the notebooks.\n"
    assert cli.main(["notebooks", str(tmp_path / "file" / "below")]) == 1
    assert "cannot be put into" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to(shipped, tmp_path, capsys):
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert cli.main(["notebooks", str(locked)]) == 1
    assert "cannot be put into" in capsys.readouterr().err


def test_no_notebooks_shipped(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(cli, "shipped_notebooks", list)
    assert cli.main(["notebooks", str(tmp_path)]) == 0
    assert "holds no notebooks" in capsys.readouterr().out


# ---------------------------------------------------------------- JupyterLab


@pytest.fixture
def started(monkeypatch):
    """The command lines that would have been started."""
    commands = []
    monkeypatch.setattr(cli, "_run", lambda command: commands.append(command) or 0)
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda name: object())
    return commands


def test_lab_opens_the_first_lecture(shipped, course, started):
    shipped(**{"12_last": "…"})
    assert cli.main(["lab", str(course)]) == 0
    ((python, *arguments),) = started
    assert python == sys.executable
    assert arguments[:2] == ["-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={course}" in arguments
    assert "--LabApp.default_url=/lab/tree/03_forward.ipynb" in arguments
    assert "--no-browser" not in arguments
    assert (course / "12_last.ipynb").is_file()


def test_lab_hands_options_on(shipped, course, started):
    cli.main(["lab", str(course), "--no-browser", "--port", "8899", "--", "--ServerApp.token=x", "--port"])
    (command,) = started
    assert "--no-browser" in command
    assert "--ServerApp.port=8899" in command
    assert command[-2:] == ["--ServerApp.token=x", "--port"]


def test_lab_has_a_default_folder(shipped, started, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["lab"]) == 0
    assert (tmp_path / cli.DEFAULT_FOLDER / "03_forward.ipynb").is_file()


def test_jupyterlab_is_started_with_the_course_s_settings(monkeypatch):
    ran = []
    monkeypatch.setattr(cli.os, "name", "posix")
    monkeypatch.setattr(cli.os, "execve", lambda *given: ran.append(given), raising=False)
    monkeypatch.setattr(cli.subprocess, "call", lambda command, env: 0)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    cli._run(["lab", "x"])
    ((path, command, environment),) = ran
    assert (path, command) == ("lab", ["lab", "x"])
    assert environment["JUPYTER_CONFIG_PATH"] == f"mine{os.pathsep}{cli.LAB_CONFIG}"
    (settings,) = cli.LAB_CONFIG.glob("labconfig/*.json")
    assert "fetchNews" in settings.read_text()


@pytest.mark.parametrize("root", [True, False])
def test_root_is_allowed_and_told(shipped, course, started, monkeypatch, capsys, root):
    monkeypatch.setattr(cli.os, "geteuid", lambda: 0 if root else 1000, raising=False)
    cli.main(["lab", str(course)])
    assert ("--allow-root" in started[0]) == root
    assert ("You are root" in capsys.readouterr().out) == root


def test_without_jupyterlab_one_sentence_says_what_to_do(shipped, course, monkeypatch, capsys):
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda name: None)
    assert cli.main(["lab", str(course)]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert 'python -m pip install "stepgrad[lab]"' in said
    assert not course.exists()


# ---------------------------------------------------------------- the parser


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "required: COMMAND"),
        (["nonsense"], "invalid choice"),
        (["notebooks"], "required: DIR"),
        (["lab", "--port", "no"], "'no' is no port"),
        (["lab", "--port", "70000"], "'70000' is no port"),
        (["notebooks", "x", "--", "--port=1"], "only `stepgrad lab` hands arguments"),
    ],
)
def test_what_is_not_understood_ends_with_2(arguments, sentence, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_the_installed_command(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "stepgrad.cli", "--version"], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stdout.startswith("stepgrad ")
    done = subprocess.run(
        [sys.executable, "-m", "stepgrad.cli", "notebooks", "here"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "here").glob("*.ipynb")} == {
        path.name for path in cli.shipped_notebooks()
    }
