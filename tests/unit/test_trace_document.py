import copy
import json
import math
import random

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepgrad.documents.schema import MismatchError, check
from stepgrad.documents.table import table
from stepgrad.documents.trace import (
    DocumentError,
    decode_value,
    encode_value,
    from_json,
    schema,
    to_json,
    validate,
)

from .trace_documents import gates, lecture, network, polynomial, survey

DOCUMENTS = [lecture, survey, gates, network, lambda: polynomial(9)]
VALIDATOR = jsonschema.Draft202012Validator(schema())


def with_arrays():
    """An array document, as far as the reader looks: f = sum w1, w1 = x @ c1."""
    document = lecture(modes=())
    graph = document["graph"]
    vector = {"shape": [3], "data": [1, "NaN", "-Infinity"], "truncated": False}
    node = {**graph["nodes"][0], "label": "x", "value": vector, "shape": [3]}
    product = {
        **node, "label": "w1", "kind": "operation", "primitive": "matmul", "symbol": "@",
        "arguments": ["x", {"constant": "c1", "shape": [3, 3]}], "expression": ["matmul", "x", "c1"],
        "partials": [["transpose", "c1"], None], "role": "switcher", "span": {"line": 1, "start": 0, "end": 3},
        "maps": [{"structure": "Dense", "push": ["matmul", "□", "c1"], "pull": ["matmul", "□", "c1"]}, None],
    }  # fmt: skip
    total = {
        **node, "label": "f", "kind": "operation", "primitive": "sum", "symbol": "sum", "arguments": ["w1"],
        "expression": ["sum", "w1"], "partials": [["number", "Infinity"]], "maps": [None], "value": "NaN", "shape": [],
    }  # fmt: skip
    edges = [("x", "w1"), ("w1", "f")]
    graph |= {
        "live": False, "inputs": ["x"], "output": "f", "nodes": [node, product, total],
        "edges": [{"from": a, "to": b, "argument": 0, "points": [[0, 0], [1, 0]]} for a, b in edges],
        "guards": [{"op": "greater", "left": "x", "right": 0, "outcome": True}],
    }  # fmt: skip
    return document


# ---- values


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (2, 2),
        (0.1, 0.1),
        (True, 1),
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (np.float32(0.5), 0.5),
        (np.array(3), 3),
        (np.array([[1.5, math.inf]]), {"shape": [1, 2], "data": [1.5, "Infinity"], "truncated": False}),
        (np.array([True, False]), {"shape": [2], "data": [1, 0], "truncated": False}),
        (np.zeros((0, 3)), {"shape": [0, 3], "data": [], "truncated": False}),
        (np.arange(65), {"shape": [65], "data": list(range(64)), "truncated": True}),
        (np.asfortranarray([[1, 2], [3, 4]]), {"shape": [2, 2], "data": [1, 2, 3, 4], "truncated": False}),
    ],
)
def test_encoded_values(value, encoded):
    assert encode_value(value) == encoded
    assert json.dumps(encode_value(value), allow_nan=False)


@pytest.mark.parametrize("value", [1j, "1", None, np.array(["a"]), np.array([1j])])
def test_only_real_numbers_are_encoded(value):
    with pytest.raises(DocumentError, match="real numbers only"):
        encode_value(value)


@given(st.floats() | st.lists(st.floats(), max_size=9))
def test_values_come_back(value):
    decoded = decode_value(json.loads(json.dumps(encode_value(value), allow_nan=False)))
    np.testing.assert_array_equal(decoded, value)
    assert np.shape(decoded) == np.shape(value)


def test_what_is_not_all_there_is_not_decoded():
    with pytest.raises(DocumentError, match=r"shape \(99,\) is shortened"):
        decode_value(encode_value(np.zeros(99)))
    with pytest.raises(DocumentError, match="not of its shape"):
        decode_value({"shape": [2], "data": [1], "truncated": False})
    with pytest.raises(DocumentError, match='"nan" is not a value'):
        decode_value("nan")


# ---- documents


@pytest.mark.parametrize("make", [*DOCUMENTS, with_arrays])
def test_documents_are_valid_and_come_back(make):
    document = make()
    assert validate(document) is document
    assert from_json(to_json(document)) == document
    assert from_json(to_json(document).encode()) == document
    VALIDATOR.validate(document)


def test_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(schema())

    def described(rule):
        return "description" in rule or "$ref" in rule or "const" in rule

    for name, definition in schema()["$defs"].items():
        assert described(definition), name
        assert all(described(member) or "items" in member for member in definition.get("properties", {}).values()), name


def damaged(document, path, value):
    """The document with another value at a path; ``...`` takes the member away."""
    document = copy.deepcopy(document)
    place = document
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


NODE = ("graph", "nodes", 2)
STEP = ("sweeps", 2, "steps", 8)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("kind",), "stepgrad.jacobian", 'its kind is "stepgrad.jacobian", not "stepgrad.trace"'),
        (("kind",), ..., "its kind is null"),
        (("version",), 2, "version 2, and only version 1 can be read"),
        (("version",), "1", 'version "1"'),
        (("version",), True, "version true"),
        (("version",), ..., "version null"),
        (("graph",), ..., 'malformed: "graph" is missing'),
        (("graph",), [], "malformed at graph: an object was expected, found a list"),
        (("graph", "extra"), 1, 'at graph: "extra" is not a member'),
        (("graph", "nodes"), [], "at graph.nodes: a list of 1 or more"),
        (("graph", "output"), "g", 'at graph.output: "g" is not the label of a node'),
        (("graph", "inputs"), ["x2", "x1"], "at graph.inputs"),
        (("graph", "columns"), math.nan, "at graph.columns: a number must be finite"),
        (("graph", "columns"), 10**400, "at graph.columns: a number must be finite"),
        (("graph", "columns"), -1, "at graph.columns: a number of at least 0"),
        (("graph", "guards"), [{"op": "less", "left": "q", "right": 1, "outcome": True}], '"q" is not the label'),
        (("graph", "edges", 0, "argument"), 1, "at graph.edges"),
        (("graph", "edges", 0, "points"), [[0, 0]], "a list of 2 or more was expected, found 1"),
        (("graph", "edges", 0, "points", 0), [0, 0, 0], "a list of at most 2 was expected, found 3"),
        (("graph", "edges", 0), ..., "the edge from x1 to argument 0 of w1 is missing"),
        (("graph", "code", "language"), "C", r'"expression" or "python" was expected, found "C"'),
        ((*NODE, "label"), "", "at graph.nodes[2].label: it must not be empty"),
        ((*NODE, "label"), "x1", 'at graph.nodes[2].label: "x1" is also the label'),
        ((*NODE, "value"), None, 'at graph.nodes[2].value: a number, "NaN"'),
        ((*NODE, "value"), "nan", '"NaN", "Infinity" or "-Infinity" was expected, found "nan"'),
        ((*NODE, "value"), {"shape": [2], "data": [1], "truncated": False}, "should show 2 entries"),
        ((*NODE, "shape"), [1], "at graph.nodes[2].shape: it is [1], but the value's is []"),
        ((*NODE, "shape"), [1.5], "at graph.nodes[2].shape[0]: a whole number was expected, found 1.5"),
        ((*NODE, "arguments", 0), "w2", "does not come" + "|" + "comes before"),
        ((*NODE, "partials"), [], "at graph.nodes[2].partials: one for each of 1 arguments"),
        ((*NODE, "expression"), None, "at graph.nodes[2].expression: an operation needs one"),
        ((*NODE, "expression"), ["sin", "x2"], '"x2" is not an argument of w1'),
        ((*NODE, "expression"), ["sin", "□"], '"□" is not an argument of w1'),
        ((*NODE, "expression"), [], "at graph.nodes[2].expression: a list of 1 or more"),
        ((*NODE, "expression"), [1, 2], r"at graph.nodes[2].expression[0]: a string was expected, found 1"),
        ((*NODE, "expression"), ["sin", None], "expression[1]: a number, a string or a list was expected, found null"),
        ((*NODE, "expression"), ["sin", ["bar", 1]], '"bar" must be followed by a node'),
        ((*NODE, "expression"), ["sin", ["number", "12"]], "not finite is"),
        ((*NODE, "expression"), ["sin", ["number", ["sin"]]], "not finite is"),
        ((*NODE, "role"), "judge", "at graph.nodes[2].role"),
        (("graph", "nodes", 0, "arguments"), ["x2"], "at graph.nodes[0].arguments: an input has none"),
        (("sweeps", 0, "mode"), "sideways", 'at sweeps[0].mode: "primal", "forward" or "reverse" was expected'),
        (("sweeps", 1, "seed"), [1], "at sweeps[1].seed: a list of 2 values"),
        (("sweeps", 1, "seed"), 1, "at sweeps[1].seed: a list of 2 values"),
        (("sweeps", 2, "seed"), [1, 2], "at sweeps[2].seed: one value was expected, found a list"),
        (("sweeps", 2, "result", "gradient"), [1], "2 values were expected, found 1"),
        ((*STEP, "phase"), "tangent", "a sweep of mode reverse has no step of phase tangent"),
        ((*STEP, "node"), "w9", '"w9" is not the label of a node'),
        ((*STEP, "node"), "x2", 'x2 is not argument 0 of "w1"'),
        ((*STEP, "source"), None, "x1 is not argument 0 of null"),
        ((*STEP, "argument"), 7, "x1 is not argument 7"),
        ((*STEP, "argument"), -1, "at sweeps[2].steps[8].argument: a number of at least 0"),
        ((*STEP, "contribution"), None, "needs a contribution"),
        ((*STEP, "contributions"), [], "needs a contribution"),
        ((*STEP, "formula"), ["cos", "q"], '"q" is not the label of a node'),
        ((*STEP, "accumulates"), 1, "true or false was expected, found 1"),
        ((*STEP, "latex"), b"x", "at sweeps[2].steps[8].latex: a string was expected, found a Python bytes"),
    ],
)
def test_damage_is_refused_with_a_sentence_that_says_where(path, value, reason):
    with pytest.raises(DocumentError) as refusal:
        validate(damaged(lecture(), path, value))
    sentence = str(refusal.value)
    assert any(part in sentence for part in reason.split("|")), sentence
    assert sentence.endswith(".")
    assert len(sentence) < 300


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "found a list"),
        ("null", "found null"),
        ("{}", "its kind is null"),
        (b"\xff\xfe{}", "not (JSON|text)"),
        (b"\x80", "not text in UTF-8"),
        ('{"kind": NaN}', 'NaN must be written as the string "NaN"'),
        ('{"kind": "stepgrad.trace", "kind": 1}', 'two members named "kind"'),
        ("[" * 100_000, "nests too deeply"),
        ('{"kind": ' + "9" * 10_000 + "}", "a number in it is too long"),
        ('{"kind": "' + "k" * 10_000 + '"}', "k…"),
    ],
)
def test_what_is_no_document_is_refused(text, reason):
    with pytest.raises(DocumentError, match=reason) as refusal:
        from_json(text)
    assert len(str(refusal.value)) < 300


def test_deep_formulas_are_refused_without_recursion():
    for depth, reason in ((120, "deeper than 100 levels"), (5000, "deeper than 250 levels")):
        tree = "x1"
        for _ in range(depth):
            tree = ["sin", tree]
        with pytest.raises(DocumentError, match=reason):
            validate(damaged(lecture(), (*NODE, "expression"), tree))
    circle = lecture()
    circle["graph"]["nodes"][2]["expression"] = tree = ["sin"]
    tree.append(tree)
    with pytest.raises(DocumentError, match="deeper than 250 levels"):
        validate(circle)


def places(data, path=()):
    yield path
    for key, member in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from places(member, (*path, key))


JUNK = [
    None,
    True,
    -1,
    0,
    1.5,
    10**30,
    "",
    "x1",
    "NaN",
    [],
    ["sin"],
    [[]],
    {},
    {"shape": [1], "data": [1], "truncated": False},
    ...,
]


def test_whatever_is_damaged_is_either_a_valid_document_or_refused():
    """And what the schema refuses is refused by the reader."""
    whole = survey()
    everywhere = [path for path in places(whole) if path]
    chance = random.Random(0)
    for _ in range(500):
        document = damaged(whole, chance.choice(everywhere), chance.choice(JUNK))
        if accepts(document):
            VALIDATOR.validate(document)
            for sweep in (None, *document["sweeps"]):
                assert table(document, sweep)


def accepts(document):
    try:
        validate(document)
    except DocumentError as refusal:
        return not str(refusal).endswith(".")
    return True


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_reader_and_schema_agree_on_structure(data):
    whole = lecture(modes=("reverse",))
    path = data.draw(st.sampled_from([path for path in places(whole) if path]))
    document = damaged(whole, path, data.draw(st.sampled_from(JUNK)))
    try:
        check(schema(), document)
        accepted = True
    except MismatchError:
        accepted = False
    assert accepted == VALIDATOR.is_valid(document)
