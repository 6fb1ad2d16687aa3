import io
import itertools
import subprocess
import sys

import matplotlib as mpl
import pytest
from matplotlib.patches import FancyBboxPatch, PathPatch

from stepgrad.documents.formulas import latex
from stepgrad.figures.mathematics import broken, mathtext
from stepgrad.figures.page import text_width
from stepgrad.figures.state import state_after
from stepgrad.figures.trace import figure

from .trace_documents import document, gates, lecture, network, polynomial, survey

PRIMAL, FORWARD, REVERSE = range(3)


def written(picture):
    """All texts of a picture with their boxes."""
    return [(patch.get_gid(), patch.get_window_extent()) for patch in picture.findobj(PathPatch) if patch.get_gid()]


def texts(picture):
    return [text for text, _ in written(picture)]


def boxes(picture):
    return picture.findobj(FancyBboxPatch)


def lines(picture):
    """Points on the edges and arrows of a picture."""
    for patch in picture.findobj(PathPatch):
        if not patch.get_gid():
            yield patch.get_transform().transform_path(patch.get_path()).to_polygons(closed_only=False)[0]


def png(picture):
    stream = io.BytesIO()
    picture.savefig(stream, format="png")
    return stream.getvalue()


def overlap(one, other, slack=1.0):
    return (
        min(one.x1, other.x1) - max(one.x0, other.x0) > slack and min(one.y1, other.y1) - max(one.y0, other.y0) > slack
    )


CASES = [(lecture, number) for number in (None, PRIMAL, FORWARD, REVERSE)]
CASES += [(make, REVERSE) for make in (survey, gates, network, lambda: polynomial(5))]


@pytest.mark.parametrize(("make", "number"), CASES)
def test_nothing_overlaps_or_leaves_the_page(make, number):
    trace = make()
    steps = 0 if number is None else len(trace["sweeps"][number]["steps"])
    for position in [None] if number is None else [steps // 2, steps]:
        picture = figure(trace, number, position)
        for (text, one), (other_text, other) in itertools.combinations(written(picture), 2):
            assert not overlap(one, other), f"{text} lies over {other_text}"
        rectangles = [box.get_window_extent() for box in boxes(picture)]
        assert len(rectangles) == len(trace["graph"]["nodes"])
        assert not any(overlap(one, other) for one, other in itertools.combinations(rectangles, 2))
        page = picture.bbox
        for text, box in written(picture):
            assert page.x0 <= box.x0, text
            assert box.x1 <= page.x1, text
            assert page.y0 <= box.y0, text
            assert box.y1 <= page.y1, text
            inside = [r.x0 <= box.x0 and box.x1 <= r.x1 for r in rectangles if overlap(box, r)]
            assert all(inside), f"{text} leaves its box"
        for line in lines(picture):
            for x, y in line:
                assert not any(r.x0 + 3 < x < r.x1 - 3 and r.y0 + 3 < y < r.y1 - 3 for r in rectangles)


def test_mid_sweep_what_is_not_computed_is_a_dash_and_never_zero():
    picture = figure(lecture(), REVERSE, 5)  # only w1's adjoint has arrived
    dashed = [box for box in boxes(picture) if box.get_linestyle() not in ("solid", "-")]
    assert len(dashed) == 3
    assert texts(picture).count("–") == 6  # x1, x2 and w2, in the graph and in the table
    assert "0" not in texts(picture)
    assert "step 5 of 9     operations 3     values held 1" in texts(picture)


def test_end_of_the_reverse_sweep_shows_contributions_and_the_gradient():
    picture = figure(lecture(), REVERSE)
    assert "3 − 0.416 = 2.584" in texts(picture)
    assert r"$\frac{\partial f}{\partial x_1} = 2.584,\quad \frac{\partial f}{\partial x_2} = 2$" in texts(picture)
    assert not [box for box in boxes(picture) if box.get_linestyle() not in ("solid", "-")]
    assert {"S\u200aW\u200aI\u200aT\u200aC\u200aH\u200aE\u200aR"} <= set(texts(picture))


def test_forward_mode_shows_tangents_and_the_derivative():
    picture = figure(lecture(), FORWARD)
    assert r"$\dot{f}$" in texts(picture)
    assert r"$\frac{\partial f}{\partial x_1} = 2.584$" in texts(picture)
    assert r"$\dot{f} = \dot{w}_1 + \dot{w}_2 = -0.416 + 3 = 2.584$" in texts(picture)


def test_graph_alone_shows_values():
    picture = figure(lecture())
    assert "6.909" in texts(picture)
    assert not any(r"\bar" in text or r"\dot" in text for text in texts(picture))


@pytest.mark.parametrize("number", [FORWARD, REVERSE])
def test_all_pictures_of_a_sweep_have_one_size(number):
    trace = survey()
    pictures = [figure(trace, number, position) for position in range(len(trace["sweeps"][number]["steps"]) + 1)]
    assert len({tuple(picture.get_size_inches()) for picture in pictures}) == 1


def test_position_zero():
    state = state_after(lecture()["graph"], lecture()["sweeps"][FORWARD], 0)
    assert state.nodes["x1"].derivative == 1
    assert state.nodes["f"].primal is None
    assert "Nothing is computed yet: the inputs are given." in texts(figure(lecture(), REVERSE, 0))


def test_an_input_without_a_path_to_the_output_has_gradient_zero_at_the_end_only():
    trace = document({"x1": 2, "x2": 3}, [("f", "sin", "x1")])
    steps = len(trace["sweeps"][REVERSE]["steps"])
    states = [state_after(trace["graph"], trace["sweeps"][REVERSE], position) for position in (steps - 1, steps)]
    assert [state.nodes["x2"].derivative for state in states] == [None, 0]


def test_many_contributions_are_summed_up():
    trace = polynomial(5)
    state = state_after(trace["graph"], trace["sweeps"][REVERSE])
    assert state.nodes["x"].sum().startswith("… + ")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_are_the_same_byte_by_byte(theme):
    first = png(figure(survey(), REVERSE, 9, theme))
    with mpl.rc_context({"text.usetex": False, "font.size": 30, "axes.facecolor": "red", "lines.linewidth": 9}):
        assert png(figure(survey(), REVERSE, 9, theme)) == first
    assert len(first) < 150_000


def test_themes_differ_and_others_are_refused():
    assert figure(lecture(), theme="light").get_facecolor() != figure(lecture(), theme="dark").get_facecolor()
    with pytest.raises(ValueError, match="light"):
        figure(lecture(), theme="blue")


def test_positions_outside_the_sweep_are_refused():
    for position in (-1, 10):
        with pytest.raises(IndexError, match="positions 0 to 9"):
            figure(lecture(), REVERSE, position)


def test_pyplot_stays_out_of_it():
    code = "import sys, stepgrad.figures; print('matplotlib' in sys.modules); import stepgrad.figures.trace; "
    code += "print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_two_hundred_nodes():
    trace = polynomial(99)
    picture = figure(trace, REVERSE, 250)
    assert len(boxes(picture)) == 200
    assert max(picture.bbox.width, picture.bbox.height) <= 16_001


def test_arrays_are_shown_by_their_shape():
    trace = lecture(modes=("primal",))
    array = {"shape": [2, 3], "data": [1.0] * 6, "truncated": False}
    trace["graph"]["live"] = False
    trace["graph"]["nodes"][0] |= {"value": array, "shape": [2, 3]}
    trace["graph"]["nodes"][1] |= {"value": {"shape": [2], "data": [1, "NaN"], "truncated": False}, "shape": [2]}
    assert {"(2, 3)", "[1, NaN]"} <= set(texts(figure(trace)))
    trace["graph"]["nodes"][-1] |= {"value": array, "shape": [2, 3]}
    assert r"$f\ \mathrm{of\ shape\ (2,\,3)}$" in texts(figure(trace))


def test_long_rules_break_at_equals_signs():
    assert broken(r"\bar{x} \mathrel{+}= a = [b = c] = 2") == [r"\bar{x} \mathrel{+}= a", "= [b = c]", "= 2"]
    assert broken("x = a = 2") == ["x = a", "= 2"]
    assert broken("x") == ["x"]


FORMULAS = [
    *([name, "x1"] for name in "absolute floor ceil exp sqrt cbrt log2 log10 relu sign transpose sum copy".split()),
    *([name, "theta", ["divide", "a", 2]] for name in "maximum power matmul greater_equal less_equal equal".split()),
    ["not_equal", "w_hidden", -2], ["partial", "f", "x1"], ["bar", "loss"], ["dot", "theta1"], "□", 1e-9, float("inf"),
    float("nan"), ["where", "c", "a", "b"], ["bar", "w_in"], ["number", "Infinity"],
]  # fmt: skip


@pytest.mark.parametrize("tree", FORMULAS, ids=str)
def test_mathtext_sets_every_formula(tree):
    assert text_width(mathtext(latex(tree)), "math", 16) > 4
