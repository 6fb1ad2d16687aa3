"""Lecture 02's exercises: what a wrong answer is told."""

import pytest
from exercises import solved


@pytest.fixture(scope="module")
def lecture():
    return solved("02")


TOPOLOGICAL = "backward = place[source] >= place[target]"
COUNT = "waiting[target] = waiting[target] + 1"
RELEASE = "                waiting[target] -= 1\n"
RETURN = "return order if len(order) == len(nodes) else None"


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ("nodes_of_f = 5", "nodes_of_f = 3", "The inputs are nodes too"),
        ("nodes_of_f = 5", "nodes_of_f = 'five'", "This is the text 'five'"),
        ("1 + 2 + 2", "1 + 1 + 1", "a sine reads one, a sum and a product two"),
        ("5 * 4 // 2", "5 * 4", "an edge may lead from each to every one at its right"),
        (TOPOLOGICAL, "backward = ...", "is_topological: still to be written."),
        (
            TOPOLOGICAL,
            "backward = place[source] <= place[target]",
            "It gave False. It is one: each edge points forward.",
        ),
        (TOPOLOGICAL, "backward = False", "It is not one: the edge x2 → w2 points backward."),
        (TOPOLOGICAL, "backward = place[source] > 2 * place[target]", "It is not one"),
        (TOPOLOGICAL, "backward = place[target][source]", "Python stopped at line"),
        ("    return True\n", "    return 1\n", "It gave 1; True or False is asked for."),
        ("    return True\n", "", "Nothing comes back"),
        (COUNT, "waiting[target] = ...", "kahn_order: still to be written"),
        (COUNT, "waiting[target] = 1", "points backward"),
        (RELEASE, "                waiting[target] -= 2\n", "it gave None, as if there were a cycle"),
        (RELEASE, "                waiting[target] = ...\n", "it gave None, as if"),
        ("v = ready.pop(0)", "v = ready[0]; ready = ready[1:]; ready += ...", "still to be written, or a `...`"),
        (RETURN, "return order", "let it return None. It gave ['a']."),
        (
            RETURN,
            "return tuple(order) if len(order) == len(nodes) else None",
            "right, for 24 graphs and one with a cycle",
        ),
        (RETURN, "return set(order)", "a list is asked for"),
        (RETURN, "return order[::-1]", "points backward"),
        (RETURN, "return order + order", "and there are 5"),
        (RETURN, "return None", "For the graph of f it gave None, as if there were a cycle."),
        ("orders_of_f = 3 + 2", "orders_of_f = 120", "f is the last one"),
        ("shuffles = comb(20, 10)", "shuffles = 2 * 10", "Of 20 places the first chain takes 10"),
        ("comb(30, 10) * comb(20, 10)", "comb(30, 10)", "the other two share those that are left"),
        ("stops_at = 2", "stops_at = 3", "Which node is the first that reads a value"),
        (RETURN, "return order[:-1]", "leaves out f"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(lecture, right, wrong, sentence, capsys):
    lecture.answer(right, wrong)
    assert sentence in capsys.readouterr().out


def test_the_numbers_of_its_text(lecture):
    assert lecture.room["graph"].count_topological_orders() == 5
    assert lecture.room["chains"].count_topological_orders() == 184_756
    assert [step["event"] for step in lecture.room["search"].document()["kahn"]].count("release") == 5
