import copy
import re

import pytest

from stepgrad.documents.table import table, width

from .trace_documents import document, gates, lecture, network, survey

SURVEY_FORWARD = """\
f(x₁, x₂) = log(x1) + x1*x2 - sin(x2)
at x₁ = 2, x₂ = 5
forward mode, seed ẋ₁ = 1, ẋ₂ = 0

Primal trace                                 Tangent trace
─────────────────────────────────────────────────────────────────────────────────
x₁ = 2                                       ẋ₁ = 1
x₂ = 5                                       ẋ₂ = 0
w₁ = log x₁  = log 2             = 0.693     ẇ₁ = ẋ₁/x₁         = 1/2       = 0.5
w₂ = x₁·x₂   = 2·5               = 10        ẇ₂ = ẋ₁·x₂ + ẋ₂·x₁ = 1·5 + 0·2 = 5
w₃ = sin x₂  = sin 5             = −0.959    ẇ₃ = ẋ₂·cos x₂     = 0·cos 5   = 0
w₄ = w₁ + w₂ = 0.693 + 10        = 10.693    ẇ₄ = ẇ₁ + ẇ₂       = 0.5 + 5   = 5.5
f  = w₄ − w₃ = 10.693 − (−0.959) = 11.652    ḟ  = ẇ₄ − ẇ₃       = 5.5 − 0   = 5.5
─────────────────────────────────────────────────────────────────────────────────
∂f/∂x₁ = 5.5"""

SURVEY_REVERSE = """\
f(x₁, x₂) = log(x1) + x1*x2 - sin(x2)
at x₁ = 2, x₂ = 5
reverse mode, seed f̄ = 1

Primal trace                                 Adjoint trace
───────────────────────────────────────────────────────────────────────────────────────────
x₁ = 2                                       f̄   = 1
x₂ = 5                                       w̄₄  = f̄                      = 1
w₁ = log x₁  = log 2             = 0.693     w̄₃  = −f̄                     = −1
w₂ = x₁·x₂   = 2·5               = 10        w̄₁  = w̄₄                     = 1
w₃ = sin x₂  = sin 5             = −0.959    w̄₂  = w̄₄                     = 1
w₄ = w₁ + w₂ = 0.693 + 10        = 10.693    x̄₂  = w̄₃·cos x₂ = (−1)·cos 5 = −0.284
f  = w₄ − w₃ = 10.693 − (−0.959) = 11.652    x̄₁  = w̄₂·x₂     = 1·5        = 5
                                             x̄₂ += w̄₂·x₁     = 1·2        = 2       → 1.716
                                             x̄₁ += w̄₁/x₁     = 1/2        = 0.5     → 5.5
───────────────────────────────────────────────────────────────────────────────────────────
∂f/∂x₁ = 5.5, ∂f/∂x₂ = 1.716"""


def test_the_survey_s_tables():
    """Baydin et al., Automatic differentiation in machine learning: a survey, tables 2 and 3."""
    assert table(survey(), 1) == SURVEY_FORWARD
    assert table(survey(), 2) == SURVEY_REVERSE


def test_lecture_function():
    printed = table(lecture(), 2)
    assert "x̄₁  = w̄₂·x₂     = 1·3     = 3" in printed
    assert "x̄₁ += w̄₁·cos x₁ = 1·cos 2 = −0.416  → 2.584" in printed
    assert printed.endswith("∂f/∂x₁ = 2.584, ∂f/∂x₂ = 2")


def test_graph_alone_and_a_primal_sweep_print_the_primal_trace():
    alone = table(survey())
    assert alone == table(survey(), 0)
    assert alone.splitlines()[-1] == "f = 11.652"
    assert "Tangent" not in alone
    assert "Adjoint" not in alone


def test_a_sweep_may_be_given_itself():
    trace = lecture()
    assert table(trace, trace["sweeps"][1]) == table(trace, 1)


def test_a_direction_that_is_no_axis():
    trace = lecture(seed=[0.5, 2])
    printed = table(trace, 1)
    assert "forward mode, seed ẋ₁ = 0.5, ẋ₂ = 2" in printed
    assert printed.splitlines()[-1].startswith("∇f·ẋ = ")


def test_an_adjoint_seed_other_than_one_gives_adjoints():
    trace = lecture()
    sweep = trace["sweeps"][2]
    sweep["seed"] = 2.0
    assert table(trace, 2).splitlines()[-1] == "x̄₁ = 2.584, x̄₂ = 2"


@pytest.mark.parametrize("make", [survey, gates, network])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_rows_say_what_the_steps_say(make, number):
    """Every step's line stands in the table, when blanks and the running totals are left away."""
    trace = make()
    squeezed = re.sub(r"\s+", "", table(trace, number))
    for step in trace["sweeps"][number]["steps"]:
        assert re.sub(r"\s+", "", step["text"]) in squeezed


@pytest.mark.parametrize("make", [survey, gates, network])
def test_columns_are_straight(make):
    for number in (0, 1, 2):
        lines = table(make(), number).splitlines()
        titles = next(line for line in lines if line.startswith("Primal trace"))
        rule = next(line for line in lines if line.startswith("─"))
        assert all(width(line) <= width(rule) for line in lines[lines.index(rule) :][:-1])
        assert all(line == line.rstrip() for line in lines)
        if number:
            start = max(titles.find("Tangent"), titles.find("Adjoint"))
            rows = [line for line in lines[lines.index(rule) + 1 :][:-2] if width(line) > start]
            for row in rows:
                before = "".join(letter for place, letter in enumerate(row) if width(row[: place + 1]) <= start)
                assert before.endswith("    ")


def test_width_counts_columns_not_letters():
    assert width("w̄₁") == 2
    assert width("ẋ₁ = 1") == 6
    assert width("漢x") == 3


def test_arrays_print_their_shape_and_first_entries():
    trace = copy.deepcopy(lecture(modes=("primal", "forward")))
    trace["graph"]["nodes"][0] |= {
        "value": {"shape": [2, 40], "data": [float(number) for number in range(64)], "truncated": True},
        "shape": [2, 40],
    }
    trace["sweeps"][1]["seed"][0] = {"shape": [3], "data": [1, "NaN", -0.5], "truncated": False}
    printed = table(trace, 1)
    assert "x₁ = (2, 40) [0, 1, 2, 3, …]" in printed
    assert "ẋ₁ = (3,) [1, NaN, −0.5]" in printed
    assert "w₁ = sin x₁ " in printed


def test_a_function_that_is_its_input():
    trace = document({"x": 3}, [("f", "multiply", "x", 1)], "x*1")
    assert table(trace, 2).endswith("∂f/∂x = 1")
