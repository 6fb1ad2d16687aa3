"""Arguments and outputs that are tuples, lists, dictionaries and named tuples of arrays."""

from collections import OrderedDict, defaultdict
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stepgrad as sg
from stepgrad.autodiff.trees import flatten, leaves_like, tree_map


class Layer(NamedTuple):
    w: Any
    b: Any


TREES = st.recursive(
    st.one_of(st.none(), st.floats(-5, 5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from("abc"), inner),
        st.tuples(inner, inner).map(lambda pair: Layer(*pair)),
    ),
    max_leaves=8,
)


@given(tree=TREES)
def test_taken_apart_and_put_together(tree):
    leaves, build = flatten(tree)
    assert build(leaves) == tree
    assert leaves_like(tree, tree) == leaves
    doubled = tree_map(lambda a, b: a + b, tree, tree)
    assert flatten(doubled)[0] == [2 * leaf for leaf in leaves]


@given(tree=TREES, scale=st.floats(0.5, 2))
def test_gradients_come_back_in_the_structure_of_the_argument(tree, scale):
    gradient = sg.grad(lambda t: sum((scale * leaf**2 for leaf in flatten(t)[0]), 0.0))(tree)
    assert gradient == tree_map(lambda leaf: 2 * scale * leaf, tree)
    assert type(gradient) is type(tree)


def test_a_network_of_layers():
    layers = [Layer(np.ones((2, 3)), np.zeros(2)), Layer(w=np.ones((1, 2)), b=None)]

    def loss(layers, x):
        for layer in layers:
            x = layer.w @ x if layer.b is None else np.tanh(layer.w @ x + layer.b)
        return np.sum(x)

    gradient = sg.grad(loss)(layers, np.array([0.1, 0.2, 0.3]))
    assert [type(g) for g in gradient] == [Layer, Layer]
    assert gradient[1].b is None
    assert gradient[0].w.shape == (2, 3)
    np.testing.assert_allclose(gradient[1].w, np.tanh([[0.6, 0.6]]))


def test_dictionaries_are_matched_by_key_not_by_order():
    f = lambda p: p["a"] * 10 + p["b"]  # noqa: E731
    assert sg.jvp(f, ({"a": 1.0, "b": 2.0},), ({"b": 1.0, "a": 0.0},))[1] == 1.0
    assert sg.jvp(f, ({"b": 2.0, "a": 1.0},), ({"a": 1.0, "b": 0.0},))[1] == 10.0
    _, pullback = sg.vjp(lambda x: {"p": x, "q": 3 * x}, 1.0)
    assert pullback({"q": 1.0, "p": 0.0}) == (3.0,)
    assert sg.hvp(lambda p: p["a"] ** 2 * p["b"], {"a": 1.0, "b": 2.0}, {"b": 0.0, "a": 1.0}) == {"a": 4.0, "b": 2.0}


def test_kinds_of_dictionaries_stay():
    point = OrderedDict(b=1.0, a=2.0)
    gradient = sg.grad(lambda p: p["a"] * p["b"])(point)
    assert (type(gradient), list(gradient.items())) == (OrderedDict, [("b", 2.0), ("a", 1.0)])
    counted = defaultdict(lambda: 5.0, w=2.0)
    assert sg.grad(lambda p: p["w"] * p["missing"])(counted) == {"w": 5.0}
    assert "missing" not in counted


def test_outputs_of_any_structure():
    f = lambda x: {"square": x * x, "rest": [x, (2.0, None)], "sum": np.sum(x)}  # noqa: E731
    x = np.array([1.0, 2.0])
    output, tangent = sg.jvp(f, (x,), (np.array([1.0, 0.0]),))
    assert output["rest"][1] == (2.0, None)
    np.testing.assert_array_equal(tangent["square"], [2.0, 0.0])
    assert tangent["rest"][1] == (0.0, None)
    assert tangent["sum"] == 1.0
    _, pullback = sg.vjp(f, x)
    (adjoint,) = pullback({"square": np.zeros(2), "rest": [np.ones(2), (1.0, None)], "sum": 1.0})
    np.testing.assert_array_equal(adjoint, [2.0, 2.0])
    blocks = sg.jacobian(f)(x)
    np.testing.assert_array_equal(blocks["square"], [[2.0, 0.0], [0.0, 4.0]])
    np.testing.assert_array_equal(blocks["rest"][1][0], [0.0, 0.0])
    both = sg.jacobian(f, mode="forward")(x), sg.jacobian(f, mode="reverse")(x)
    for a, b in zip(*(flatten(j)[0] for j in both), strict=True):
        np.testing.assert_array_equal(a, b)


def test_lists_of_numbers_stand_for_arrays_and_lists_for_tuples():
    f = lambda x: x * 2  # noqa: E731
    np.testing.assert_array_equal(sg.jvp(f, (np.ones(3),), ([1, 0, 0],))[1], [2.0, 0.0, 0.0])
    assert sg.jvp(lambda p: p[0] * p[1], ((2.0, 3.0),), ([1, 0],))[1] == 3.0
    assert sg.grad(lambda p: p[0] * p[1])([2, 3]) == [3.0, 2.0]


@pytest.mark.parametrize(
    ("tangent", "sentence"),
    [
        ({"a": 1.0}, r"a dictionary with the keys \['a', 'b'\], got a dictionary with the keys \['a'\]"),
        ({"a": 1.0, "c": (1.0, 1.0)}, r"got a dictionary with the keys \['a', 'c'\]"),
        ((1.0, (1.0, 1.0)), r"expected a dictionary with the keys .*, got a tuple of 2"),
        ({"a": 1.0, "b": (1.0,)}, "a tuple of 2, got a tuple of 1"),
        ({"a": 1.0, "b": 1.0}, "a tuple of 2, got one float"),
        ({"a": 1.0, "b": None}, "a tuple of 2, got None"),
    ],
)
def test_structures_that_differ_are_refused(tangent, sentence):
    with pytest.raises(ValueError, match=sentence):
        sg.jvp(lambda p: p["a"], ({"a": 1.0, "b": (1.0, 2.0)},), (tangent,))


def test_a_tangent_of_none_is_refused():
    with pytest.raises(ValueError, match="expected None, got one float"):
        sg.jvp(lambda a, b: a, (1.0, None), (1.0, 1.0))
    with pytest.raises(TypeError, match="real numbers"):
        sg.jvp(lambda a: a, (1.0,), (None,))
