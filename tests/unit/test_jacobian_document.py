"""The golden Jacobian documents, which the browser's tests replay: still what Python writes, valid, and readable."""

import copy
import importlib.util
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from stepgrad.documents.jacobian import decode, schema, validate
from stepgrad.documents.trace import DocumentError

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = sorted((GOLDEN / "jacobians").glob("*.json"))
LARGEST = 100_000
"""The most bytes of a golden file."""


def made():
    spec = importlib.util.spec_from_file_location("make_jacobians", GOLDEN / "make_jacobians.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def close(a, b):
    """The same in everything but the last digits of computed numbers, which differ by machine."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(close(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(close, a, b))
    return np.isclose(a, b, rtol=1e-6, atol=1e-6) if isinstance(a, float) else a == b


def test_the_golden_documents_are_what_is_written_today():
    documents = made().documents()
    assert sorted(documents) == [path.stem for path in FILES]
    for path in FILES:
        now, before = json.loads(json.dumps(documents[path.stem])), read(path)
        for buffers in (now["document"]["buffers"], before["document"]["buffers"]):
            for buffer in buffers:
                if buffer["type"] in ("f8", "f4"):
                    del buffer["data"]  # rounded in its last digits; what is read from it is compared
        assert close(now, before), path.stem


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_document_is_valid_and_small(path):
    document = read(path)["document"]
    jsonschema.Draft202012Validator(schema()).validate(document)
    assert validate(document) is document
    assert path.stat().st_size <= LARGEST


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_document_can_be_read_back(path):
    golden = read(path)
    jacobian = decode(golden["document"])
    assert jacobian.shape == (golden["document"]["rows"], golden["document"]["columns"])
    for i, j, value in golden["cells"]:
        assert np.isclose(jacobian[i, j], value, rtol=1e-6, atol=1e-12)
    if golden["matrix"] is not None:
        np.testing.assert_allclose(jacobian.to_dense(), golden["matrix"], rtol=1e-6, atol=1e-12)


def test_a_document_that_is_not_one_is_refused():
    document = read(FILES[0])["document"]
    for key, value in (("version", 2), ("kind", "stepgrad.trace"), ("rows", -1), ("labels", "none")):
        wrong = copy.deepcopy(document)
        wrong[key] = value
        with pytest.raises(DocumentError):
            validate(wrong)
