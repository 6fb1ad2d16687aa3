"""What wrong answers in Lecture 10 are told."""

import pytest
from exercises import solved


@pytest.fixture(scope="module")
def lecture():
    return solved("10")


TOLD = {
    "begins = -1": [("begins = 0", "reaches half a unit to each side")],
    "at_point_six = 0.4": [("at_point_six = 0.6", "overlap from 0.1 to 0.5")],
    "return 1 - math.exp(-(t + 0.5))": [
        ("return math.exp(-(t + 0.5))", "The formula in it, at t = 0.2: not right yet"),
        ("return undefined(t)", "Python stopped at"),
    ],
    "variance = 4 / 12": [("variance = 1 / 12**4", "Variances add")],
    "height = 1 / math.sqrt(2 * math.pi * variance)": [
        ("height = 1", "Put v = 1/3"),
        ("height = '1'", "is the text"),
    ],
    "by_hand = [1, 2, 2, 2, -3, -4]": [
        ("by_hand = [-1, -2, -2, -2, 3, 4]", "You did not flip: this is the cross-correlation"),
        ("by_hand = [1, None, 2, 2, -3, -4]", "This is not an array of numbers"),
        ("by_hand = list('122234')", "This is not an array of numbers"),
        ("by_hand = 5", "Its shape should be (6,), yours is ()"),
        ("by_hand = [1, 2, 2, 2]", "Its shape should be (6,)"),
        ("by_hand = [1, 2, 3, 2, -3, -4]", "There the products are 1·−1, 2·0, 3·1"),
    ],
    "n = m + a": [
        ("n = len(w) - 1 - a + m", "This is the cross-correlation"),
        ("n = len(x) + len(w) - 2 - m - a", "in the reverse order"),
        ("n = m", "not right yet"),
        ("n = 99", "IndexError"),
        ("n = 0; return 5", "Its shape should be (6,), yours is ()"),
        ("n = 0; return [[1], [2, 3]]", "This is not an array of numbers"),
        ("n = 0; return [None] * 6", "This is not an array of numbers: [None,"),
    ],
    "return x_bar, w_bar": [
        ("return x_bar", "It should return two arrays, x_bar and w_bar."),
        ("return x_bar, w_bar, x", "It should return two arrays"),
        ("return x_bar, [[1], [2, 3]]", "The adjoint of w: not right yet. This is not an array of numbers"),
        ("return x_bar, None", "There are 4 numbers in w, as many as mode 'valid' keeps."),
    ],
    "inner = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]": [
        ("inner = [[9, 8, 7], [6, 5, 4], [3, 2, 1]]", "the kernel turned round, as it comes out without the flip"),
        ("inner = [[1, 2, 3], [4, 5, 6], [0, 0, 0]]", "only the product with w[a, b]"),
        ("inner = [1, 2, 3]", "Its shape should be (3, 3)"),
    ],
    "y[r, c] = np.sum(x[r : r + w.shape[0], c : c + w.shape[1]] * w)": [
        ("y[r, c] = np.sum(x[r : r + w.shape[0], c : c + w.shape[1]] * w[::-1, ::-1])", "You turned the kernel round"),
        ("y[r, c] = np.sum(x[r : r + w.shape[0], c : c + w.shape[1]])", "multiply it by w, and add up"),
        ("y[r, c] = unknown", "Python stopped at line 7 of the cell, in my_conv2d: NameError"),
        ("y[r, c] = x + 'a'", "UFuncTypeError"),
    ],
    '"diagonal": True': [
        ('"diagonal": False', "diagonal: not right yet. Turn it by 180°"),
        ('"diagonal": "yes"', "Answer with True or False"),
    ],
    "x_with_w = [-1, -2, -2, -2, 3, 4]": [("x_with_w = [1, 2, 2, 2, -3, -4]", "Slide it as it is")],
    'x_bar = convolve(y_bar, w, "full")': [
        ('x_bar = correlate(y_bar, w, "full")', "Compare the signs of the indices"),
        ('x_bar = convolve(y_bar, w, "valid")', "as many as mode 'full' keeps"),
        ('x_bar = convolve(y_bar, w, "full")[::-1]', "in the reverse order"),
    ],
}


@pytest.mark.parametrize(("right", "wrong", "told"), [(r, w, t) for r, every in TOLD.items() for w, t in every])
def test_a_wrong_answer_is_told_what_is_wrong(lecture, capsys, right, wrong, told):
    capsys.readouterr()
    lecture.answer(right, wrong)
    said = capsys.readouterr().out
    assert told in said
    assert "not right yet" in said


@pytest.mark.parametrize(
    ("right", "blank", "said"),
    [
        ("return x_bar, w_bar", "return ...", "pullback: still to be written."),
        (
            "return x_bar, w_bar",
            "return ..., w_bar",
            "x: still to be answered.\nThe adjoint of w: right",
        ),
        (
            "y[r, c] = np.sum(x[r : r + w.shape[0], c : c + w.shape[1]] * w)",
            "y[r, c] = ...",
            "my_conv2d: still to be written, or a `...` is left in it.",
        ),
    ],
)
def test_what_is_left_blank_is_still_to_be_written(lecture, capsys, right, blank, said):
    capsys.readouterr()
    lecture.answer(right, blank)
    assert said in capsys.readouterr().out
