"""Lecture 11's exercises: what a wrong answer is told, and the numbers of the lecture."""

import importlib.util
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import stepgrad as sg
from stepgrad.widgets.kernels import preset


@cache
def solved():
    """The lecture, run with its solutions in the places of the cells that they solve."""
    spec = importlib.util.spec_from_file_location("lecture_runner", Path(__file__).with_name("test_exercises.py"))
    assert spec is not None
    assert spec.loader is not None
    runner = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(runner)
    return runner.solved("11")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ("y_0_0 = 1 * 1 + 2 * (-1)", "y_0_0 = 1 * 1", "y[0, 0]: not right yet. You wrote 0"),
        ("y_1_2 = 1 * 1", "y_1_2 = 2 * 1", "The window starts at row 1 and column 2"),
        ("numbers_of_the_map = 3 * 3", "numbers_of_the_map = 25", "can stand in rows 0, 1, 2"),
        ("np.sum(window * w)", "...", "number_at: still to be written."),
        ("np.sum(window * w)", "None", "Nothing comes back: is a return missing?"),
        ("np.sum(window * w)", "window * w", "An array of shape (2, 3) comes back: add its entries up."),
        ("np.sum(window * w)", "np.sum(window * w[::-1, ::-1])", "Your kernel is turned by half a turn"),
        ("np.sum(window * w)", "np.sum(window) + np.sum(w)", "number_at: not right yet. 30 of 30 entries" ),
        ("np.sum(window * w)", "np.sum(window @ w)", "Python stopped at line 5 of the cell, in number_at: ValueError"),
        ('{"A", "C", "D"}', "...", "The kernels that may be turned: still to be answered."),
        ('{"A", "C", "D"}', '{"A", "C"}', "Half a turn is not a reflection"),
        ('{"A", "C", "D"}', '{"A", "B", "C", "D"}', "its map changes its sign"),
        ('{"A", "C", "D"}', '["a", "d"]', "Turn C by hand: it is the same."),
        ('{"A", "C", "D"}', '"E"', "Their names are A, B, C and D."),
        ('{"A", "C", "D"}', "3", "Their names are A, B, C and D."),
        ("under_sobel = 0.7 * 0", "under_sobel = 0.7", "what do the kernel's numbers add up to?"),
        ("under_sharpen = 0.7 * 1", "under_sharpen = 3.5", "what do the kernel's numbers add up to?"),
        ("move_right = [[0, 0, 0], [1, 0, 0]", "move_right = [[0, 0, 0], [0, 0, 1]", "to the left of the middle."),
        ("move_right = [[0, 0, 0], [1, 0, 0]", "move_right = [[0, 0, 0], [1, 0, 1]", "the image moves to the left."),
        ("products_in_a_number = 5 * 5 * 3", "products_in_a_number = 25", "in all three channels"),
        ("rows_of_the_map = 32 - 5 + 1", "rows_of_the_map = 27", "at row 0, and at which row at last?"),
        ("channels_of_the_map = 1", "channels_of_the_map = 3", "one sum over all channels"),
        ("window.ravel() @ w.ravel() + bias", "...", "number_of_volume: still to be written."),
        ("window.ravel() @ w.ravel() + bias", "window.ravel() @ w.ravel()", "The bias is missing."),
        ("window.ravel() @ w.ravel() + bias", "window[0].ravel() @ w[0].ravel() + bias", "the first channel alone"),
        ("window.ravel() @ w.ravel() + bias", "window.ravel() * w.ravel()", "This holds 60 entries"),
        ("numbers_in_the_volume = 28 * 28 * 6", "numbers_in_the_volume = 28 * 28", "It is 28×28×6."),
        ("parameters_of_six = 6 * (5 * 5 * 3 + 1)", "parameters_of_six = 450", "5·5·3 weights and one bias"),
        ("parameters_of_the_next = 10 * (5 * 5 * 6 + 1)", "parameters_of_the_next = 760", "and that has six"),
        ("// stride + 1", "// stride", "count: not right yet. For n = 32, f = 5, stride 1, padding 0"),
        ("count = (n", "count = ...  # (n", "count: still to be written."),
        ("% stride", "- stride", "never_reached: not right yet. For n = 32, f = 5, stride 1"),
        ("return count, never_reached", "return count", "It should return two numbers"),
        ("padding_for_7 = (7 - 1) // 2", "padding_for_7 = 7", "Solve N − F + 2P + 1 = N."),
        ("padding_for_3_dilated = (2 * (3 - 1) + 1 - 1) // 2", "padding_for_3_dilated = 1", "it reaches over 5 pixels"),
        ("fed_from_the_middle = 5 * 5", "fed_from_the_middle = 75", "any of the window's 5 × 5"),
        ("fed_from_the_corner = 1", "fed_from_the_corner = 4", "In how many windows"),
        ("uses_of_a_weight = 28 * 28", "uses_of_a_weight = 1", "A weight takes part in every window."),
        ("16 * (3 * 3 * 8 + 1)", "16 * (3 * 3 + 1)", "16·(9·8 + 1)"),
        ("right_without = 180", "right_without = 354", "a pixel further is another input"),
        ("right_with = 240", "right_with = 358", "the last layer is not so sure"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_told_what_is_wrong(right, wrong, sentence, capsys):
    solved().answer(right, wrong)
    assert sentence in capsys.readouterr().out


@pytest.mark.slow
def test_the_numbers_of_the_rows():
    room = solved().room
    assert room["six"].output().shape == (6, 28, 28)
    assert room["colours"].document()["output"] == [1, 28, 28]
    assert len(room["colours"].document()["window"]["products"]) == 75
    assert room["parameters_of_six"] == 456
    assert "6 × (75 + 1) = 456; fully connected 14,455,392" in room["six"].text()
    assert "Stride 2 does not fit" in room["strided"].text()


@pytest.mark.slow
def test_the_network_learns_real_digits_by_the_layers_of_nn():
    room = solved().room
    trained, x = room["trained"], room["test_x"]
    assert sum(p.size for p in trained.values()) == 2026
    right = room["count_right"](room["logits"], trained, x)
    assert right >= 345  # of 360
    dense_right, shifted = room["count_right"](room["dense_logits"], room["dense"], x), room["moved_right"]
    assert abs(right - dense_right) <= 15
    still_right = room["count_right"](room["logits"], trained, shifted)
    assert still_right > room["count_right"](room["dense_logits"], room["dense"], shifted) + 20
    sg.check_grad(lambda w: room["loss"](trained | {"w1": w}, x[:4] + 0.05, room["test_labels"][:4]), trained["w1"])


@pytest.mark.slow
def test_the_widgets_learned_kernels_are_this_networks():
    for name, k in (("learned_lying", 2), ("learned_edge", 5), ("learned_standing", 7)):
        learned, kept = solved().room["trained"]["w1"][k, 0].ravel(), preset(name, 5).ravel()
        assert np.corrcoef(learned, kept)[0, 1] > 0.99


@pytest.mark.slow
def test_the_learned_filters_are_those_in_the_widget():
    room = solved().room
    weights, biases = room["learned"].weights()
    np.testing.assert_array_equal(weights, room["trained"]["w1"])
    np.testing.assert_array_equal(biases, room["trained"]["b1"])
    digit = room["digit"].astype(np.float32).astype(float)
    layer = sg.nn.conv2d(digit[np.newaxis, np.newaxis], weights, biases, padding=2)[0]
    np.testing.assert_allclose(room["learned"].output(), layer, atol=1e-12)
    assert repr(room["learned"]) == "ConvSlider('own', 8 × 8 × 1, 8 filters of 5 × 5, padding=2)"
