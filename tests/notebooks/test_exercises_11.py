"""What wrong answers in Lecture 11 are told."""

import pytest
from exercises import solved


@pytest.fixture(scope="module")
def lecture():
    return solved("11")


NUMBER_AT = "return np.sum(window * w)"
VOLUME = "return window.ravel() @ w.ravel() + bias"
BOTH = "return count, never_reached"


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        (NUMBER_AT, "return np.sum(window * w) if p == 0 else undefined", "in number_at: NameError"),
        (NUMBER_AT, "return np.sum(window * w) if p == 0 else 'a'", "'a' comes back, and that is not a number"),
        (NUMBER_AT, "return window * w", "An array of shape (2, 3) comes back: add its entries up."),
        (NUMBER_AT, "return np.sum(window * w[::-1, ::-1])", "Your kernel is turned by half a turn"),
        (VOLUME, "return 'a'", "This is the text 'a'"),
        (VOLUME, "return [1, 2]", "This holds 2 entries"),
        (VOLUME, "return window.ravel() @ w.ravel()", "The bias is missing."),
        (VOLUME, "return window[0].ravel() @ w[0].ravel() + bias", "That is the first channel alone"),
        ("move_right = [[0, 0, 0], [1, 0, 0]", "move_right = [[0, 0, 0], [0, 0, 1]", "the image moves to the left"),
        ("move_right = [[0, 0, 0], [1, 0, 0]", "move_right = [[0, 0, 0], [0, 1, 0]", "unchanged: the one to the left"),
        (BOTH, "return np.array([count, 1.0]), never_reached", "count: not right yet. For n = 32"),
        (BOTH, "return [28]", "It should return two numbers"),
        (
            BOTH,
            "return count, never_reached - 2 * padding",
            "never_reached: not right yet. For n = 32, f = 5",
        ),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(lecture, right, wrong, sentence, capsys):
    capsys.readouterr()
    lecture.answer(right, wrong)
    said = capsys.readouterr().out
    assert sentence in said
    assert "not right yet" in said


@pytest.mark.parametrize("both", ["return [count, never_reached]", "return np.array([count, never_reached])"])
def test_two_numbers_may_come_in_any_collection(lecture, both, capsys):
    capsys.readouterr()
    lecture.answer(BOTH, both)
    assert capsys.readouterr().out == "count: right in all 6 cases.\nnever_reached: right in all 6 cases.\n"


def test_the_rows_that_are_never_reached_are_those_of_the_padded_image(lecture):
    """With padding the last row of the image itself can be reached, and a row of zeros behind it not."""
    places, walk = lecture.room["places"], lecture.room["walk"]
    assert places(8, 3, 2, 1, 1) == walk(8, 3, 2, 1, 1) == (4, 1)
    for name in ("places", "walk"):
        assert "padded image" in lecture.room[name].__doc__
