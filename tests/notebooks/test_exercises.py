"""The lectures' exercises: their solutions pass the checks, and any other answer is told what is wrong with it."""

import ast

import lectures
import pytest
from exercises import CHECK, SOLUTION, Lecture, has_blank, names, solved

from stepgrad import homework

LECTURES = [path for path in lectures.sources() if path.stem != "00_index"]


@pytest.fixture(scope="module", params=LECTURES, ids=lambda path: path.stem)
def lecture(request):
    return Lecture(request.param)


def test_solutions_pass_the_checks(lecture, capsys):
    lecture.run()
    said = capsys.readouterr().out
    assert "still to be written" not in said
    assert "not right yet" not in said
    assert "still to be answered" not in said  # the tallies of the widgets begin it with a capital


def test_every_blank_has_a_solution_and_a_check_between_the_two(lecture):
    kinds = []
    for cell in lecture.cells:
        if cell.cell_type == "code" and cell.source.startswith(CHECK):
            kinds.append("check")
        elif cell.cell_type == "code" and has_blank(cell.source):
            kinds.append("blank")
        elif cell.cell_type == "markdown":
            kinds += ["solution"] * len(SOLUTION.findall(cell.source))
    assert kinds == ["blank", "check", "solution"] * (len(kinds) // 3)
    assert len(lecture.exercises) == len(kinds) // 3


def test_every_prediction_has_a_place_for_its_answer(lecture):
    for i, cell in enumerate(lecture.cells):
        if cell.cell_type == "markdown" and "**Predict" in cell.source:
            following = next(c.source for c in lecture.cells[i + 1 :] if c.cell_type == "code")
            assert has_blank(following) or "predict=True" in following, cell.source


def test_what_sets_up_and_checks_is_folded(lecture):
    titled = [cell for cell in lecture.cells if cell.cell_type == "code" and cell.source.startswith("# @title ")]
    assert len(titled) == 2 + len(lecture.exercises)
    for cell in titled:
        assert cell.metadata == {"cellView": "form", "jupyter": {"source_hidden": True}}


def test_answers_are_read_by_the_package(lecture):
    defined = set().union(*(names(cell) for cell in lecture.code))
    assert not defined & set(homework.__all__)
    imports = [node for cell in lecture.code for node in ast.parse(cell).body if isinstance(node, ast.ImportFrom)]
    assert [node.module for node in imports].count("stepgrad.homework") == 1


@pytest.mark.parametrize(
    ("number", "right", "wrong", "sentence"),
    [
        (
            "03",
            "from_the_input_end = 100 * 100",
            "from_the_input_end = 100",
            "J3 (J2 J1): not right yet. You wrote 200,",
        ),
        (
            "03",
            "slope = 0.6 * 2.584 + 0.8 * 2",
            "slope = 2.584 + 2",
            "within 0.005 of the true value is asked for. Mult",
        ),
        ("03", '"w3": 0.284', '"w3": -0.959', "The tangent of w3: not right yet. You wrote -0.959"),
        ("03", '"w3": 0.284', '"w3": -0.959', "The rule is ẋ₂·cos x₂."),
        ("03", "best_step = 1e-8", "best_step = 1e-12", "The best step: not right yet."),
        ("03", "growth_forward = 2 * 2", "growth_forward = 2", "how much longer"),
        (
            "03",
            "self.tangent * other.value + other.tangent * self.value",
            "self.tangent * other.tangent",
            "You multiplied the two tangents",
        ),
        (
            "03",
            "self.tangent * other.value + other.tangent * self.value",
            "self.tangent * self.value + other.tangent * other.value",
            "Each tangent goes with the value of the other factor",
        ),
        ("03", "x.tangent * math.cos(x.value)", "math.cos(x.value)", "The tangent of x is missing"),
        ("03", "x.tangent * math.cos(x.value)", "-x.tangent * math.cos(x.value)", "The sign is wrong"),
        ("03", "x.tangent * math.cos(x.value)", "...", "sin(2 + 10ε): its tangent is still to be written."),
        (
            "03",
            "x.tangent * math.cos(x.value)",
            "x.tangent * math.cos(x)",
            "Python stopped at line 15 of the cell, in sin",
        ),
        ("03", "x.tangent * math.cos(x.value)", "'x'", "This is the text 'x'"),
        (
            "03",
            "return Dual(math.sin(x.value), x.tangent * math.cos(x.value))",
            "pass",
            "Nothing comes back: is a return missing?",
        ),
        ("04", '{"x1", "x2"}', '{"x1", "w2"}', "Of w2 no rule reads the value"),
        ("04", '{"x1", "x2"}', '{"x1"}', "Missing: 1."),
        ("04", '{"x1", "x2"}', '{"x1", "y"}', "There is no value y;"),
        ("04", '{"x1", "x2"}', "{2, 3}", "2 is not a name"),
        ("04", '{"x1", "x2"}', "5", "5 is not a set of names"),
        ("04", "arriving = 2", "arriving = 1", "The contributions that reach x: not right yet. You wrote 1;"),
        ("04", "most_reverse = 8 + 1 + 1", "most_reverse = 9", "The most that reverse mode holds: not right yet."),
        ("04", "contributions = 2 * 40", "contributions = 2**40", "the exact number is asked for"),
        ("04", 'gets_nothing = "w"', 'gets_nothing = "z"', "You wrote z; nudge"),
        ("04", "x_bar = 2 * -4", "x_bar = 6", "The adjoint of x: not right yet."),
        (
            "04",
            "(self, other.value), (other, self.value)",
            "(self, self.value), (other, other.value)",
            "They are swapped",
        ),
        ("04", "(self, other.value), (other, self.value)", "(self, 'a'), (other, 1)", "This is the text 'a'"),
        ("04", "argument.adjoint += node.adjoint * derivative", "argument.adjoint = derivative", "replaced"),
        ("04", "+= node.adjoint * derivative", "= node.adjoint * derivative", "they have to be added"),
        ("04", "+= node.adjoint * derivative", "+= derivative", "own adjoint is missing"),
        ("04", "+= node.adjoint * derivative", "+= node.adjoint", "The local derivative is missing"),
        ("04", "+= node.adjoint * derivative", "+= node * derivative", "Python stopped at line "),
        ("07", "rows = 100 * 4096", "rows = 4096", "The rows: not right yet. You wrote 4,096;"),
        ("07", "bytes_dense = 4 * entries", "bytes_dense = entries", "Every entry takes 4 bytes."),
        (
            "07",
            "[0, 0, 0, 0], [0, 0, 0, 1]]",
            "[0, 0, 1, 0], [0, 0, 0, 1]]",
            "the one at [2, 2]: 1. At 0 the derivative is 0",
        ),
        ("07", "[[1, 0, 0, 0], [0", "[[1, 1, 0, 0], [0", "Output 0 does not read input 1."),
        ("07", "[[1, 0, 0, 0], [0", "[[0, 0, 0, 0], [0", "What is the slope of max(0, x) at x = 1.5?"),
        ("07", "[[1, 0, 0, 0], [0, 0, 0, 0], ", "[[1, 0, 0, 0], ", "Its shape should be (4, 4), yours is (3, 4)."),
        ("07", "[[1, 0, 0, 0], [0", "[['a', 0, 0, 0], [0", "This is not an array of numbers"),
        ("07", "[[1, 0, 0, 0], [0", "[[..., 0, 0, 0], [0", "This is not an array of numbers"),
        (
            "07",
            "[[5, 7, 11, 0, 0, 0], [0",
            "[[5, 7, 11, 5, 7, 11], [0",
            "Column 3 is the weight W10, and h0 does not read it.",
        ),
        ("07", "[[5, 7, 11, 0, 0, 0], [0", "[[1, 1, 1, 0, 0, 0], [0", "what is it multiplied by in h0?"),
        ("07", "W_bar = h_bar.T @ x", "W_bar = x.T @ h_bar", "It lies on its side: transpose it."),
        ("07", "W_bar = h_bar.T @ x", "W_bar = h_bar.T @ x / 4", "their number divides nothing here"),
        ("07", "b_bar = h_bar.sum(axis=0)", "b_bar = h_bar.mean(axis=0)", "All samples share b"),
        ("07", "x_bar = h_bar @ W", "x_bar = h_bar @ W.T", "Python stopped at line 3 of the cell, in fc_pullback"),
        ("07", "return x_bar, W_bar, b_bar", "return x_bar", "It should return the three adjoints"),
        ("07", "return x_bar, W_bar, b_bar", "pass", "Nothing comes back"),
        ("07", "from_the_output_end = 10 * 500 + ", "from_the_output_end = ", "From the output end: not right yet."),
        ("07", "softmax_01 = -0.7 * 0.2", "softmax_01 = 0.14", "what one class gains, the others lose"),
        ("07", "nonzeros_in_a_row = 5 * 5 * 3", "nonzeros_in_a_row = 25", "what is under one kernel"),
        ("07", "different_numbers = 6 * 5 * 5 * 3", "different_numbers = 75", "there are six kernels"),
        ("07", "probes_signal = 3", "probes_signal = 1000", "how many colours does 0 1 2 0 1 2"),
        ("08", "to_train = 64 * 64 + 64", "to_train = 64 * 64", "m·n weights and m biases"),
        ("08", "loss_at_first = math.log(10)", "loss_at_first = 1", "with the natural logarithm"),
        ("08", "(s - y) / n", "s - y", "The adjoint of z3: not right yet. The loss is a mean"),
        ("08", "(s - y) / n", "(y - s) / n", "The sign is wrong: s − y, not y − s."),
        ("08", 'bar["z3"].T @ h2', "...", "The adjoint of W3: still to be written."),
        ("08", 'bar["z3"].T @ h2', 'h2.T @ bar["z3"]', "and yours has (32, 10). It lies on its side"),
        ("08", 'bar["z3"].sum(axis=0)', 'bar["z3"].mean(axis=0)', "the mean is in the adjoint of z3 already"),
        ("08", 'bar["z3"] @ p["W3"]', 'bar["z3"] @ p["W3"].T', "Python stopped at line 15 of the cell, in backprop"),
        ("08", 'bar["h2"] * (z2 > 0)', 'bar["h2"]', "The closed gates let nothing through: multiply by z2 > 0."),
        ("08", 'bar["h2"] * (z2 > 0)', 'bar["h2"] * (bar["h2"] > 0)', "What decides is whether z2 is positive"),
        ("08", 'bar["h2"] * (z2 > 0)', 'bar["h2"] * (z2 < 0)', "The gates are the wrong way round."),
        ("08", 'bar["h1"] * (z1 > 0)', 'bar["h1"]', "multiply by z1 > 0"),
        ("08", 'bar["z1"].T @ x', 'bar["h1"].T @ x', "The adjoint of W1: not right yet."),
        ("08", 'bar["z1"].T @ x', '"x"', "The adjoint of W1: not right yet. This is not an array of numbers: 'x'."),
        ("08", "return bar", "return 1", "It should return the dict `bar`."),
        ("08", "steps_in_an_epoch = 45", "steps_in_an_epoch = 44", "the rest makes a batch too"),
        ("08", "open_paths = int(np.sum(z1 > 0) * np.sum(z2 > 0))", "open_paths = 64 * 32", "one open unit in layer 1"),
        ("08", "nonzero_in_a_dead_row = 0", "nonzero_in_a_dead_row = 64", "Its gate is 0 for every digit"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(number, right, wrong, sentence, capsys):
    solved(number).answer(right, wrong)
    assert sentence in capsys.readouterr().out


@pytest.mark.parametrize(
    "written",
    [
        "80",
        "80.0",
        "np.float32(80)",
        "np.array(80)",
        "np.int8(80)",
        "Fraction(80)",
        "Decimal(80)",
        "[80]",
        "np.array([[80]])",
    ],
)
def test_a_right_number_of_any_kind_is_right(written, capsys):
    solved("04").answer("contributions = 2 * 40", f"contributions = {written}")
    assert capsys.readouterr().out == "The contributions after forty doublings: right. It is exactly 80.\n"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("'80'", "This is the text '80': write a number, without quotation marks."),
        ("10,80", "write 10_000, not 10,000."),
        ("[8, 0]", "This holds 2 entries, [8, 0]; one number is asked for."),
        ("None", "None is not a number."),
        ("{80}", "{80} is not a number."),
        ("1j", "1j is a complex number; a real one is asked for."),
        ("float('nan')", "nan is not a finite number."),
        ("...", "still to be answered."),
    ],
)
def test_what_is_not_a_number_gets_a_sentence(written, sentence, capsys):
    solved("04").answer("contributions = 2 * 40", f"contributions = {written}")
    said = capsys.readouterr().out
    assert said.startswith("The contributions after forty doublings: ")
    assert sentence in said


@pytest.mark.parametrize(
    "written", ['["x2", "x1"]', '("x1", "x2")', '"x1, x2"', '"x1 x2"', 'np.array(["x₁", "x₂"])', '{"x1": 2, "x2": 3}']
)
def test_names_may_come_in_any_collection(written, capsys):
    solved("04").answer('{"x1", "x2"}', written)
    assert "The values that are read again: right." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("(0, 2, 0.284, 2, 1.716)", 5),
        ("np.float32([0, 2, 0.284, 2, 1.716])", 5),
        ("{'w1': 0}", 1),
        ("'0, 2'", 0),
        ("7", 0),
    ],
)
def test_tangents_may_come_in_order_or_in_part(written, right, capsys):
    (solution, _), *_ = (e for e in solved("03").exercises.values() if "tangents" in e[0])
    solved("03").answer(solution, f"tangents = {written}")
    said = capsys.readouterr().out
    assert said.count(": right.") == right
    assert said


def test_each_step_of_a_widget_is_counted_once(capsys):
    room = solved("04").room
    survey, sweep = room["survey"], room["sg"].trace("log(x1) + x1*x2 - sin(x2)", 2, 5).reverse_mode()

    def tried(position, correct, skipped=False):
        step = sweep.steps[position]
        about = {"position": position, "mode": "reverse", "node": step.node, "phase": step.phase}
        return about | {"answer": 1.0, "expected": 1.0, "correct": correct, "skipped": skipped, "kind": ""}

    answers = [tried(position, True) for position in range(14)]  # also the five values, after a step back
    survey.answers = [
        tried(6, False),
        tried(7, False),
        tried(7, False, skipped=True),
        *answers[:7],
        *answers[8:],
        *answers[8:],
    ]
    capsys.readouterr()
    room["tally"](survey, sweep)
    assert capsys.readouterr().out == (
        "Of the 9 steps you predicted 7 rightly at the first try, and 1 at a later one.\n"
        "Skipped or revealed: 1. Still to be answered: 0.\n"
    )
