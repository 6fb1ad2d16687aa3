"""The trace documents that Python and TypeScript both replay: Python must still write them."""

import json

import make_traces
import pytest
from goldens import GOLDEN

from stepgrad.documents.trace import validate

DOCUMENTS = make_traces.documents()


def same(ours, golden, path=""):
    """Equal, with numbers to 12 digits: the C library's last digit differs between machines."""
    if isinstance(golden, dict):
        assert ours.keys() == golden.keys(), path
        for key in golden:
            same(ours[key], golden[key], f"{path}.{key}")
    elif isinstance(golden, list):
        assert len(ours) == len(golden), path
        for i, (a, b) in enumerate(zip(ours, golden, strict=True)):
            same(a, b, f"{path}[{i}]")
    elif isinstance(golden, float) and isinstance(ours, (int, float)):
        assert ours == pytest.approx(golden, rel=1e-12, abs=1e-14), path
    else:
        assert ours == golden, path


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_document_is_as_recorded(name):
    golden = json.loads((GOLDEN / "traces" / f"{name}.json").read_text(encoding="utf-8"))
    ours = json.loads(json.dumps(DOCUMENTS[name]))
    same(ours, golden)
    validate(ours)


def test_every_recorded_document_is_made():
    assert {path.stem for path in (GOLDEN / "traces").glob("*.json")} == set(DOCUMENTS)
