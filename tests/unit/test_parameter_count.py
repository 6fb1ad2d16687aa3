"""sg.nn.parameter_count and layer_cost, against counting by hand: weights laid out, connections enumerated."""

import numpy as np
import pytest

import stepgrad as sg
from stepgrad import nn

LECTURE = {"image": (200, 200), "hidden": 40_000, "field": (10, 10), "filters": 100}


@pytest.mark.parametrize(
    ("kind", "count"),
    [("fully_connected", 1_600_000_000), ("locally_connected", 4_000_000), ("convolutional", 10_000)],
)
def test_the_three_layers_on_the_lectures_image(kind, count):
    assert nn.parameter_count(kind, **LECTURE) == count
    assert type(nn.parameter_count(kind, **LECTURE)) is int
    cost = nn.layer_cost(kind, **LECTURE)
    assert (cost.weights, cost.biases, cost.parameters) == (count, 0, count)
    assert (cost.nbytes(), cost.nbytes("float64")) == (4 * count, 8 * count)


def test_six_filters_on_a_colour_image():
    assert nn.parameter_count("convolutional", field=(5, 5), channels=3, filters=6, bias=True) == 456
    assert nn.parameter_count("convolutional", field=5, channels=3, filters=6) == 450
    cost = nn.layer_cost("convolutional", (32, 32), field=5, channels=3, filters=6, bias=True)
    assert (cost.maps, cost.units, cost.fan_in, cost.multiplications) == ((6, 28, 28), 4704, 75, 4704 * 75)


def windows(n, k, stride, padding, dilation):
    """The inputs that a field covers at each of its places along one axis, padding included."""
    firsts = range(-padding, n + padding - dilation * (k - 1), stride)
    return [[first + dilation * a for a in range(k)] for first in firsts]


SIZES = [
    {"image": (7, 9), "field": (3, 2), "filters": 4},
    {"image": (8, 8), "field": 3, "filters": 2, "channels": 3, "stride": 2, "padding": 1, "bias": True},
    {"image": (9, 12), "field": (2, 4), "filters": 1, "stride": (3, 1), "padding": (0, 2), "dilation": 2},
    {"image": 5, "field": 5, "filters": 7, "bias": True},
]


@pytest.mark.parametrize("sizes", SIZES)
def test_windows_are_what_enumerating_finds(sizes):
    pairs = {name: np.broadcast_to(sizes.get(name, 1), 2).tolist() for name in ("image", "field", "stride", "dilation")}
    padding = np.broadcast_to(sizes.get("padding", 0), 2).tolist()
    down, across = (
        windows(*each)
        for each in zip(pairs["image"], pairs["field"], pairs["stride"], padding, pairs["dilation"], strict=True)
    )
    channels, filters = sizes.get("channels", 1), sizes["filters"]
    weights = np.empty((filters, channels, *pairs["field"])).size
    cost = nn.layer_cost("convolutional", **sizes)
    assert cost.maps == (filters, len(down), len(across))
    assert cost.weights == weights
    assert cost.biases == (filters if sizes.get("bias") else 0)
    connections = sum(len(a) * len(b) for a in down for b in across) * channels * filters
    assert cost.multiplications == connections
    unshared = nn.layer_cost("locally_connected", **sizes)
    assert unshared.maps == cost.maps
    assert unshared.weights == unshared.multiplications == connections
    assert unshared.biases == (cost.units if sizes.get("bias") else 0)


def test_connections_are_the_nonzeros_of_the_jacobian():
    image, filters = np.ones((1, 2, 6, 7)), np.ones((3, 2, 3, 2))
    J = sg.structured_jacobian(lambda x: nn.conv2d(x, filters, stride=2), image)
    cost = nn.layer_cost("convolutional", (6, 7), channels=2, field=(3, 2), filters=3, stride=2)
    assert (cost.units, cost.inputs) == J.shape
    assert cost.multiplications == J.nnz
    W = np.ones((5, 84))
    dense = nn.layer_cost("fully_connected", (6, 7), channels=2, hidden=5, bias=True)
    assert dense.multiplications == dense.weights == W.size
    assert dense.biases == 5
    assert sg.structured_jacobian(lambda x: W @ x, np.ones(84)).nnz == dense.weights


def test_counts_larger_than_any_float_or_int64_are_exact():
    side, hidden = 10**6 + 3, 10**12 + 7
    assert nn.parameter_count("fully_connected", side, channels=5, hidden=hidden) == side * side * 5 * hidden
    small = np.int8(100)
    assert nn.parameter_count("fully_connected", (small, small), hidden=small) == 1_000_000


@pytest.mark.parametrize(
    ("kind", "sizes", "error", "sentence"),
    [
        ("dense", {}, ValueError, "knows the kinds .* got 'dense'"),
        ("fully_connected", {"hidden": 3}, TypeError, "a fully_connected layer needs image, such as"),
        ("fully_connected", {"image": 3}, TypeError, "needs hidden, such as hidden=40_000"),
        ("locally_connected", {"field": 3, "image": 9}, TypeError, "needs hidden, such as .* or image and filters"),
        ("convolutional", {"field": 3}, TypeError, "a convolutional layer needs filters, such as filters=100"),
        ("convolutional", {"filters": 3}, TypeError, "needs field, such as"),
        ("convolutional", {"field": (5, 5, 3), "filters": 6}, ValueError, "a pair of integers, 1 or more; got"),
        ("convolutional", {"field": 0, "filters": 6}, ValueError, "1 or more; got 0"),
        ("convolutional", {"field": 2.5, "filters": 6}, TypeError, "pair of integers; got 2.5"),
        ("convolutional", {"field": 3, "filters": -6}, ValueError, "filters of 1 or more; got -6"),
        ("convolutional", {"field": 3, "filters": 6, "channels": True}, TypeError, "channels as an integer; got True"),
        ("convolutional", {"image": 9, "field": 3, "filters": 6, "padding": -1}, ValueError, "0 or more; got -1"),
        ("convolutional", {"image": 9, "field": 3, "filters": 6, "stride": 0}, ValueError, "stride .* got 0"),
        ("convolutional", {"image": (9, 4), "field": 5, "filters": 6}, ValueError, "5 × 5 .* padded image of 9 × 4"),
        ("locally_connected", {"image": 4, "field": 5, "hidden": 6}, ValueError, "take a smaller field"),
        ("convolutional", {"image": 9, "field": 5, "filters": 6, "dilation": 3}, ValueError, "spans 13 × 13"),
    ],
)  # fmt: skip
def test_bad_input_is_answered_with_a_sentence(kind, sizes, error, sentence):
    with pytest.raises(error, match=sentence):
        nn.parameter_count(kind, **sizes)


def test_padding_makes_room_for_a_field():
    assert nn.parameter_count("convolutional", (4, 4), field=6, filters=2, padding=1) == 72
    assert nn.layer_cost("convolutional", (4, 4), field=6, filters=2, padding=1).maps == (2, 1, 1)
    with pytest.raises(TypeError, match="image"):
        nn.layer_cost("convolutional", None, field=6, filters=2)


@pytest.mark.parametrize("bias", [np.ones(2), "no", float("nan"), None])
def test_a_bias_is_there_or_not(bias):
    with pytest.raises(TypeError, match="parameter_count takes bias as True or False; got"):
        nn.parameter_count("convolutional", field=3, filters=2, bias=bias)


def test_a_kind_is_a_name():
    with pytest.raises(ValueError, match="parameter_count knows the kinds"):
        nn.parameter_count(np.array(["a", "b"]))
