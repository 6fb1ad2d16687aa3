"""What reads a learner's answers: it says in sentences what is right and what is not, and never stops a notebook."""

import json
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from stepgrad.homework import array_of, attempt, check_array, check_number, fold, number, tally

COMMA = "A comma separates entries in Python: write 10_000, not 10,000."


@pytest.mark.parametrize(
    "answer",
    [80, 80.0, np.float32(80), np.int8(80), np.array(80), np.array([[80]]), [80], (80,), Fraction(80), Decimal(80)],
    ids=repr,
)
def test_a_number_may_be_of_any_kind(answer):
    assert number(answer) == 80.0
    assert type(number(answer)) is float


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        ("80", TypeError, "This is the text '80': write a number, without quotation marks."),
        (["80"], TypeError, "This is the text '80': write a number, without quotation marks."),
        (
            (10, 0),
            ValueError,
            "This holds 2 entries, (10, 0); one number is asked for. " + COMMA,
        ),
        ([8, 0], ValueError, "This holds 2 entries, [8, 0]; one number is asked for."),
        ([], ValueError, "This holds 0 entries, []; one number is asked for."),
        (np.zeros((2, 1)), ValueError, "This holds 2 entries, [[0.]\n [0.]]; one number is asked for."),
        (None, ValueError, "None is not a number."),
        ({80}, ValueError, "{80} is not a number."),
        (1j, TypeError, "1j is a complex number; a real one is asked for."),
        (float("nan"), ValueError, "nan is not a finite number."),
        (10**400, ValueError, "This number is too large for a float."),
        (80 + 1j, TypeError, "(80+1j) is a complex number; a real one is asked for."),
        (np.array(-np.inf), ValueError, "-inf is not a finite number."),
    ],
    ids=repr,
)
def test_what_is_no_number_is_called_what_it_is(answer, kind, sentence):
    with pytest.raises(kind) as complaint:
        number(answer)
    assert str(complaint.value) == sentence


@pytest.mark.parametrize(
    ("answer", "truth", "within", "said"),
    [
        (..., 80, 0.0, "Sum: still to be answered."),
        (80, 80, 0.0, "Sum: right. It is exactly 80."),
        (409_600, 409_600, 0.0, "Sum: right. It is exactly 409,600."),
        (81, 80, 0.0, "Sum: not right yet. You wrote 81; the exact number is asked for. Add."),
        (2.58, 2.584, 0.005, "Sum: right. Your 2.58 is within 0.005 of the true value, 2.584."),
        (1.5, 2, 0.5, "Sum: right. Your 1.5 is within 0.5 of the true value, 2."),
        (1.4, 2, 0.5, "Sum: not right yet. You wrote 1.4; an answer within 0.5 of the true value is asked for. Add."),
        (-2.0, 2, 0.5, "Sum: not right yet. You wrote -2; an answer within 0.5 of the true value is asked for. Add."),
        ("80", 80, 0.0, "Sum: not right yet. This is the text '80': write a number, without quotation marks."),
        (
            (10, 80),
            1080,
            0.0,
            "Sum: not right yet. This holds 2 entries, (10, 80); one number is asked for. " + COMMA,
        ),
        (None, 80, 0.0, "Sum: not right yet. None is not a number."),
        (float("nan"), 80, 0.5, "Sum: not right yet. nan is not a finite number."),
    ],
)
def test_a_number_is_right_or_is_told_what_is_wrong(answer, truth, within, said, capsys):
    check_number("Sum", answer, truth, "Add.", within)
    assert capsys.readouterr().out == said + "\n"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (..., "J: still to be answered."),
        ([[1, 0, 2], [0, 1, 0]], "J: right, all 6 entries."),
        ([[1 + 1e-12, 0, 2], [0, 1, 0]], "J: right, all 6 entries."),
        ([[1, 0, 3], [0, 1, 0]], "J: not right yet. Wrong is the one at [0, 2]: 3. Look at (0, 2)."),
        (
            [[1, 0, 2], [7, 8, 0]],
            "J: not right yet. 2 of 6 entries are wrong, the first at [1, 0]: 7. Look at (1, 0).",
        ),
        (
            [[1, 0, float("nan")], [0, 1, 0]],
            "J: not right yet. Wrong is the one at [0, 2]: nan. Look at (0, 2).",
        ),
        (
            np.zeros((3, 2)),
            "J: not right yet. Its shape should be (2, 3), yours is (3, 2). It lies on its side: transpose it.",
        ),
        ([1, 0, 2], "J: not right yet. Its shape should be (2, 3), yours is (3,)."),
        (None, "J: not right yet. This is not an array of numbers: None."),
        ([["a", 0]], "J: not right yet. This is not an array of numbers: [['a', 0]]."),
        ([[None, 0, 2], [0, 1, 0]], "J: not right yet. This is not an array of numbers: [[None, 0, 2], [0, 1, 0]]."),
        ([["1", 0]], "J: not right yet. This is not an array of numbers: [['1', 0]]."),
        ([[1, 0], [0]], "J: not right yet. This is not an array of numbers: [[1, 0], [0]]."),
        ([[..., 0]], "J: not right yet. This is not an array of numbers: [[Ellipsis, 0]]."),
    ],
)
def test_an_array_is_right_or_is_told_where_it_is_wrong(answer, said, capsys):
    check_array("J", answer, np.array([[1.0, 0, 2], [0, 1, 0]]), lambda place: f"Look at {place}.")
    assert capsys.readouterr().out == said + "\n"


def test_a_vector_does_not_lie_on_its_side(capsys):
    check_array("b", [1, 2], np.array([1.0, 2, 3]), lambda place: "")
    assert capsys.readouterr().out == "b: not right yet. Its shape should be (3,), yours is (2,).\n"


def test_an_attempt_gives_what_the_call_gives(capsys):
    assert attempt("f", lambda: [1, 2]) == [1, 2]
    assert attempt("f", lambda: 0) == 0
    assert capsys.readouterr().out == ""


def test_an_attempt_that_gives_nothing_says_so(capsys):
    assert attempt("f", lambda: None) is None
    assert capsys.readouterr().out == "f: not right yet. Nothing comes back: is a return missing?\n"


def test_an_attempt_that_stops_is_told_the_line_and_the_error(capsys):
    room = {}
    exec(compile("def product(a, b):\n    c = a + b\n    return c @ b\n", "<cell>", "exec"), room)
    assert attempt("f", lambda: room["product"]([1], 2)) is None
    said = capsys.readouterr().out
    assert said.startswith("f: not right yet. Python stopped at line 2 of the cell, in product: TypeError: can only")
    assert said.endswith(".\n")


def test_an_attempt_that_stops_in_a_library_is_told_the_line_of_the_cell(capsys):
    room = {"__name__": "__main__"}
    exec(compile("import numpy as np\ndef mean(a):\n    return np.stack([a, [1]])\n", "<cell>", "exec"), room)
    assert attempt("f", lambda: room["mean"]([1, 2])) is None
    assert "Python stopped at line 3 of the cell, in mean: ValueError: all input" in capsys.readouterr().out


def test_an_attempt_that_meets_a_blank_is_still_to_be_written(capsys):
    assert attempt("f", lambda: [1.0, 2.0][0] + ...) is None
    assert capsys.readouterr().out == "f: still to be written, or a `...` is left in it.\n"


def test_an_answer_is_an_array_of_a_shape_or_none():
    assert array_of([1, 2], (2,)).tolist() == [1.0, 2.0]
    assert array_of(3, ()) == 3.0
    for answer in ([1], [1, None], ["1", "2"], [1j, 2], [[1], [2, 3]], ..., [10**400, 1]):
        assert array_of(answer, (2,)) is None


def test_an_attempt_does_not_hold_back_an_interrupt():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempt("f", interrupted)


def answered(position, node, correct, phase="adjoint", skipped=False):
    return {"position": position, "phase": phase, "node": node, "correct": correct, "skipped": skipped}


def test_each_step_is_counted_once(capsys):
    nodes = [("x", "primal"), *((node, "adjoint") for node in ("first", "second", "later", "passed", "skipped", "y"))]
    sweep = SimpleNamespace(steps=[SimpleNamespace(node=node, phase=phase) for node, phase in nodes])
    answers = [
        answered(0, "x", True, phase="primal"),  # a value: no derivative
        answered(1, "first", True),
        answered(1, "first", True),  # once more, after a step back
        answered(2, "second", True),
        answered(2, "second", False),  # what came first counts
        answered(3, "later", False),
        answered(3, "later", False),
        answered(3, "later", True),
        answered(4, "passed", False),
        answered(4, "passed", False, skipped=True),
        answered(5, "skipped", False, skipped=True),
        answered(6, "first", True),  # of a step that this sweep does not have
    ]
    tally(SimpleNamespace(answers=answers), sweep)
    assert capsys.readouterr().out == (
        "Of the 6 steps you predicted 2 rightly at the first try, and 1 at a later one.\n"
        "Skipped or revealed: 2. Still to be answered: 1.\n"
    )


def test_a_tally_without_answers(capsys):
    steps = [SimpleNamespace(node="x", phase="primal"), SimpleNamespace(node="x", phase="tangent")]
    tally(SimpleNamespace(answers=[]), SimpleNamespace(steps=steps))
    assert capsys.readouterr().out == (
        "Of the 1 steps you predicted 0 rightly at the first try, and 0 at a later one.\n"
        "Skipped or revealed: 0. Still to be answered: 1.\n"
    )


def test_a_fold_has_a_face_for_html_and_one_for_text(monkeypatch):
    display = pytest.importorskip("IPython.display")
    shown = []
    monkeypatch.setattr(display, "display", lambda data, raw: shown.append((data, raw)))
    fold("Is a < b?", ["a & b", "yes"])
    fold("One text", "as it is\n")
    assert shown == [
        (
            {
                "text/html": "<details><summary>Is a &lt; b?</summary><pre>a &amp; b\nyes</pre></details>",
                "text/plain": "Is a < b?\n\na & b\nyes",
            },
            True,
        ),
        (
            {
                "text/html": "<details><summary>One text</summary><pre>as it is\n</pre></details>",
                "text/plain": "One text\n\nas it is\n",
            },
            True,
        ),
    ]


def test_importing_the_checks_needs_numpy_alone():
    code = (
        "import json, sys\n"
        "sys.modules.update(dict.fromkeys(('IPython', 'ipywidgets', 'traitlets', 'matplotlib', 'scipy')))\n"
        "from stepgrad import homework\n"
        "homework.check_number('Sum', 2, 2, '')\n"
        "print(json.dumps(sorted(homework.__all__)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    said, names = done.stdout.splitlines()
    assert said == "Sum: right. It is exactly 2."
    assert json.loads(names) == ["array_of", "attempt", "check_array", "check_number", "fold", "number", "tally"]
