"""The lectures' exercises: their solutions pass the checks, and a wrong answer is told what is wrong with it."""

import ast
import re

import lectures
import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

SOLUTION = re.compile(r"<details><summary>Solution</summary>\n\n```python\n(.*?)```\n\n</details>", re.DOTALL)


def names(code):
    """What a cell defines at its top level."""
    found = set()
    for node in ast.parse(code).body:
        if isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
    return found


def solved(source):
    """A lecture's code cells, with the solutions in the places of the cells that they solve."""
    cells = lectures.read_source(source).cells
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    solutions = [match for cell in cells if cell.cell_type == "markdown" for match in SOLUTION.findall(cell.source)]
    for solution in solutions:
        (place,) = (i for i, cell in enumerate(code) if "..." in cell and names(cell) == names(solution))
        code[place] = solution
    assert not any(isinstance(node, ast.Constant) and node.value is ... for cell in code for node in blanks(cell))
    return code


def blanks(code):
    """The values that a cell assigns or passes on: where a blank can stand (`x is ...` is a question, not a blank)."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Assign):
            yield node.value
        elif isinstance(node, ast.Call):
            yield from node.args


def run(code):
    mpl.use("agg")
    room = {"__name__": "lecture"}
    try:
        for cell in code:
            exec(compile(cell, "<cell>", "exec"), room)
    finally:
        plt.close("all")


FORWARD, REVERSE = lectures.sources(["03"]) + lectures.sources(["04"])


@pytest.mark.parametrize("source", lectures.sources(), ids=lambda path: path.stem)
def test_solutions_pass_the_checks(source, capsys):
    run(solved(source))
    said = capsys.readouterr().out
    assert "still to be" not in said


@pytest.mark.parametrize(
    ("source", "right", "wrong", "sentence"),
    [
        (FORWARD, "from_the_input_end = 100 * 100", "from_the_input_end = 100", "from the input end is not"),
        (FORWARD, "slope = 0.6 * 2.584 + 0.8 * 2", "slope = 2.584 + 2", "Multiply each partial"),
        (FORWARD, '"w3": 0.284', '"w3": -0.959', "The rule is ẋ₂·cos x₂."),
        (
            FORWARD,
            "self.tangent * other.value + other.tangent * self.value",
            "self.tangent * other.tangent",
            "You multip",
        ),
        (
            FORWARD,
            "self.tangent * other.value + other.tangent * self.value",
            "self.tangent * self.value + other.tangent * other.value",
            "Each tangent goes with the value of the other factor",
        ),
        (FORWARD, "x.tangent * math.cos(x.value)", "math.cos(x.value)", "The tangent of x is missing"),
        (FORWARD, "x.tangent * math.cos(x.value)", "-x.tangent * math.cos(x.value)", "The sign is wrong"),
        (REVERSE, '{"x1", "x2"}\n', '{"x1", "w2"}\n', "w2 appears in no rule"),
        (REVERSE, '{"x1", "x2"}\n', '{"x1"}\n', "x2 is missing"),
        (REVERSE, "(self, other.value), (other, self.value)", "(self, self.value), (other, other.value)", "swapped"),
        (REVERSE, "argument.adjoint += node.adjoint * derivative", "argument.adjoint = derivative", "replaced"),
        (REVERSE, "+= node.adjoint * derivative", "= node.adjoint * derivative", "they have to be added"),
        (REVERSE, "+= node.adjoint * derivative", "+= derivative", "own adjoint is missing"),
        (REVERSE, "+= node.adjoint * derivative", "+= node.adjoint", "The local derivative is missing"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(source, right, wrong, sentence):
    code = solved(source)
    assert any(right in cell for cell in code), "the solution is another one by now"
    with pytest.raises(AssertionError, match=sentence):
        run([cell.replace(right, wrong) for cell in code])
