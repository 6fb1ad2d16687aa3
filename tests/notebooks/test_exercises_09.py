"""Lecture 09's exercises: what a wrong answer is told."""

import pytest
from exercises import solved


@pytest.fixture(scope="module")
def lecture():
    return solved("09")


SUM = "y = y + w[:, :, a, b] * window"


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        (
            "weights_full = (200 * 200) * 40_000",
            "weights_full = 40_000",
            "Each of the 40,000 units has a weight of its",
        ),
        ("weights_full = (200 * 200) * 40_000", "weights_full = 2e9", "You wrote 2,000,000,000; the exact number"),
        ("bytes_full = 4 * weights_full", "bytes_full = weights_full", "Every weight takes 4 bytes."),
        ("40_000 * 10 * 10", "10 * 10", "The weights: not right yet. You wrote 100;"),
        ("40_000 * 10 * 10", "'4e6'", "This is the text '4e6'"),
        (SUM, "y = y + ...", "with fields of 2 × 3: still to be answered."),
        (SUM, "y = y + w[0, 0, a, b] * window", "Unit (0, 1) reads the rows 0 to 1 and the columns 1 to 3."),
        (SUM, "y = y + w[:, :, a, b] * x", "Python stopped at line"),
        (SUM, "y = y + w[:, :, a, b].T * window", "entries are wrong, the first at"),
        ("    return y\n", "    pass\n", "Nothing comes back: is a return missing?"),
        ("100 * 10 * 10", "191 * 191 * 100 * 10 * 10", "The image plays no part in it."),
        ("6 * (5 * 5 * 3 + 1)", "6 * 5 * 5 * 3 + 1", "A filter has 5 · 5 · 3 weights and one bias."),
        ("6 * (5 * 5 * 3 + 1)", "6 * (5 * 5 + 1)", "Six filters with biases: not right yet. You wrote 156;"),
        ("nonzeros = 16 * 9", "nonzeros = 16 * 36", "Each of the 16 rows has one for every pixel"),
        ("different_local = 144", "different_local = 9", "No weight stands in two places."),
        ("different_shared = 9", "different_shared = 144", "Every row has the numbers of the one kernel."),
        ("lenet_parameters = 6 * (5 * 5 + 1)", "lenet_parameters = 150", "each of 5 · 5 weights and a bias"),
        ("6 * 28 * 28 * (5 * 5 + 1)", "6 * 28 * 28 * 5 * 5", "Each has 25 connections to pixels and one to its bias."),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(lecture, right, wrong, sentence, capsys):
    lecture.answer(right, wrong)
    assert sentence in capsys.readouterr().out


def test_what_it_says_of_the_widget_is_so(lecture):
    """The numbers of the lecture's text that no check asks for."""
    full, local, shared = (lecture.room["counter"].cost(kind) for kind in lecture.room["nn"].LAYER_KINDS)
    assert full.parameters > 1_542_000_000  # "as large as all of GPT-2"
    assert full.parameters / 1.2e6 > 1000  # "more than a thousand weights … from each picture"
    assert round(shared.multiplications / local.multiplications) == 91
    assert local.parameters == 400 * shared.parameters
    assert lecture.room["lenet"].units == 6 * 784
