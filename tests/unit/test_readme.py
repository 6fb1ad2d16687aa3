"""What the README and the guide for contributors say is so."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", "CONTRIBUTING.md"]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read(page):
    return (ROOT / page).read_text(encoding="utf-8")


def test_the_taste_prints_what_it_shows(capsys, tmp_path):
    blocks = FENCED.findall(read("README.md"))
    place = next(i for i, (kind, _) in enumerate(blocks) if kind == "python")
    script = tmp_path / "taste.py"  # a file: a trace looks at the code of the function
    script.write_text(blocks[place][1], encoding="utf-8")
    runpy.run_path(str(script))
    assert capsys.readouterr().out == blocks[place + 1][1]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    titles = re.findall(r"^#+ (.*)$", read(page), re.MULTILINE)
    anchors = {"#" + re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    links = re.findall(r"\]\(([^)\s]+)\)", read(page)) + re.findall(r"src(?:set)?=\"([^\"]+)\"", read(page))
    assert links
    for link in links:
        assert link in anchors or (ROOT / link).exists(), link


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_files_exist(page):
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", read(page), re.MULTILINE)) <= targets
    for path in re.findall(r"`((?:src|tests|widgets/src|widgets/tests|notebooks)/[\w/.]+)`", read(page)):
        assert (ROOT / path).exists() or "order_list" in path, path
