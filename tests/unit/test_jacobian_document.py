"""The golden Jacobian documents, which the browser's tests replay: still what Python writes, valid, and readable."""

import copy

import jsonschema
import make_jacobians
import numpy as np
import pytest
from goldens import GOLDEN, LARGEST, as_written, close, read

from stepgrad.documents.jacobian import decode, schema, validate
from stepgrad.documents.trace import DocumentError

FILES = sorted((GOLDEN / "jacobians").glob("*.json"))


def test_the_golden_documents_are_what_is_written_today():
    documents = make_jacobians.documents()
    assert sorted(documents) == [path.stem for path in FILES]
    for path in FILES:
        now, before = as_written(documents[path.stem]), read(path)
        for buffers in (now["document"]["buffers"], before["document"]["buffers"]):
            for buffer in buffers:
                if buffer["type"] in ("f8", "f4"):
                    del buffer["data"]  # rounded in its last digits; what is read from it is compared
        assert close(now, before, 1e-6), path.stem


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
