"""Windows and Fold: against loops, on random images, windows, strides and dilations."""

import general_cases
import numpy as np
import pytest
import truth
from hypothesis import given
from hypothesis import strategies as st

import stepgrad as sg
from stepgrad.autodiff import linear_maps as lm


def windows_by_loops(image, size, stride, dilation):
    rows = range(0, image.shape[-2] - dilation[0] * (size[0] - 1), stride[0])
    columns = range(0, image.shape[-1] - dilation[1] * (size[1] - 1), stride[1])
    out = np.zeros((*image.shape[:-2], len(rows), len(columns), *size), image.dtype)
    for p, top in enumerate(rows):
        for q, left in enumerate(columns):
            for u in range(size[0]):
                for v in range(size[1]):
                    out[..., p, q, u, v] = image[..., top + u * dilation[0], left + v * dilation[1]]
    return out


@given(data=st.data())
def test_windows_are_what_loops_find(data):
    shape, size, stride, dilation = general_cases.sliding(data.draw)
    local = lm.Windows(shape, size, stride, dilation)
    image = general_cases.values(data.draw, shape)
    expected = windows_by_loops(image, size, stride, dilation)
    assert local.out_shape == expected.shape
    np.testing.assert_array_equal(local.apply(image), expected)
    truth.check_map(local, np.random.default_rng(0))
    truth.check_map(local.T, np.random.default_rng(1))


@given(data=st.data())
def test_folding_the_windows_counts_how_many_reach_each_entry(data):
    shape, size, stride, dilation = general_cases.sliding(data.draw)
    local = lm.Windows(shape, size, stride, dilation)
    positions = np.arange(np.prod(shape)).reshape(shape)
    counts = np.bincount(np.ravel(windows_by_loops(positions, size, stride, dilation)), minlength=positions.size)
    for dtype in (np.float32, np.float64):
        folded = local.T.apply(local.apply(np.ones(shape, dtype)))
        assert folded.dtype == dtype
        np.testing.assert_array_equal(folded, counts.reshape(shape))


def test_windows_copy_nothing_and_cannot_be_written_into():
    image = np.zeros((3, 6, 7))
    windows = lm.Windows(image.shape, (2, 3), (2, 1), (1, 2)).apply(image)
    assert np.shares_memory(windows, image)
    assert not windows.flags.writeable


def test_windows_of_a_view():
    image = np.arange(84.0).reshape(2, 7, 6)[:, ::-1, ::2]
    np.testing.assert_array_equal(
        lm.Windows(image.shape, (3, 2), (2, 1)).apply(image), windows_by_loops(image, (3, 2), (2, 1), (1, 1))
    )


@pytest.mark.parametrize("order", [1, 2])
def test_derivatives_through_windows(order):
    image = np.random.default_rng(0).standard_normal((2, 5, 4))
    sg.check_grad(lambda x: np.sin(lm.Windows((2, 5, 4), (2, 2), (2, 1), (2, 1)).apply(x)), image, order=order)


def test_what_windows_say_of_themselves():
    local = lm.Windows((4, 4), (2, 2))
    assert (local.structure, local.T.structure) == ("Windows", "Fold")
    assert (local.role, local.T.role) == ("distributor", None)
    assert (local.operations, local.T.operations) == (0, 36)
    assert (local.formula(), local.T.formula()) == (["windows", "□"], ["fold", "□"])
    assert [lm.span(3), lm.span(3, 2), lm.span(1, 5)] == [3, 5, 1]
