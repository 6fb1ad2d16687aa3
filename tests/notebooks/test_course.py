"""The lectures make one course: the index names all there is, each links to the next, and no link leads nowhere."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import lectures
import pytest

import stepgrad.widgets

ROOT = Path(__file__).resolve().parents[2]
INDEX = lectures.LECTURES / "00_index.py"
SOURCES = lectures.sources()
NUMBERED = [path for path in SOURCES if path != INDEX]
LINK = re.compile(r"\](?:\(|: )([^)#\s]+\.ipynb)")


def links(text):
    """The notebooks that a text links to."""
    return LINK.findall(text)


def prose(path):
    """The text of a source's markdown cells, unwrapped."""
    lines = [line[2:] for line in path.read_text().splitlines() if line.startswith("# ")]
    return re.sub(r"\s+", " ", " ".join(lines))


@pytest.fixture(scope="module")
def index():
    return INDEX.read_text()


@pytest.fixture(scope="module")
def needs(index):
    """What the map of the course says: for each lecture those it needs."""
    (value,) = re.findall(r"^NEEDS = (\{.*?^\})", index, re.MULTILINE | re.DOTALL)
    return ast.literal_eval(value)


def test_the_index_has_every_lecture_once_in_its_table(index):
    rows = re.findall(r"^# \| \[(\d\d)\] \|", index, re.MULTILINE)
    targets = dict(re.findall(r"^# \[(\d\d)\]: (\S+)$", index, re.MULTILINE))
    assert [targets[number] for number in rows] == [path.with_suffix(".ipynb").name for path in NUMBERED]


def test_the_index_shows_every_widget(index):
    assert [name for name in stepgrad.widgets.__all__ if f"{name}(" not in index] == []


def test_the_map_points_forward_only(needs):
    named = {*needs, *(need for before in needs.values() for need in before)}
    assert sorted(named) == [path.name[:2] for path in NUMBERED]
    assert all(need < lecture for lecture, before in needs.items() for need in before)


@pytest.mark.parametrize("path", NUMBERED, ids=lambda path: path.stem)
def test_what_a_lecture_asks_for_is_on_the_map_before_it(path, needs):
    def before(lecture):
        return needs.get(lecture, set()).union(*(before(need) for need in needs.get(lecture, ())))

    (asked,) = re.findall(r"\*About \d+ minutes · you need (.*?)\*", prose(path))[:1]
    assert {name[:2] for name in links(asked)} <= before(path.name[:2])


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_links_lead_somewhere(path):
    assert [name for name in links(path.read_text()) if not (path.parent / name).is_file()] == []


@pytest.mark.parametrize(("path", "following"), list(pairwise(SOURCES)), ids=lambda path: path.stem)
def test_each_links_to_the_next(path, following):
    (after,) = re.findall(r"\*\*Next:\*\*(.*?)(?:\*\*|$)", prose(path))
    assert following.with_suffix(".ipynb").name in links(after)


def test_the_readme_lists_every_lecture():
    named = links((ROOT / "README.md").read_text())
    assert [Path(name).name for name in named] == [path.with_suffix(".ipynb").name for path in SOURCES]
