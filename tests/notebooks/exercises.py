"""A lecture as a learner goes through it: its exercises, solved or answered otherwise, and what their checks say."""

import ast
import re
from contextlib import redirect_stdout
from decimal import Decimal
from fractions import Fraction
from io import StringIO

import lectures
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

SOLUTION = re.compile(r"<details><summary>Solution</summary>\n\n```python\n(.*?)```\n\n.*?</details>", re.DOTALL)
CHECK = "# @title Check: "


def names(code):
    """What a cell defines at its top level."""
    found = set()
    for node in ast.parse(code).body:
        if isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
    return found


def has_blank(cell):
    """Whether a cell has a blank to be filled: `...` outside of a comparison, for `x is ...` is a question."""
    if cell.startswith("# @title "):
        return False
    tree = ast.parse(cell)
    asked = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Compare) for part in ast.walk(node)}
    blanks = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and n.value is ... and id(n) not in asked)
    return any(blanks)


def run(cell, room):
    """Run a cell of a lecture, which is our own text, as a notebook would."""
    exec(compile(cell, "<cell>", "exec"), room)


class Lecture:
    """A lecture, run with its solutions in the places of the cells that they solve."""

    def __init__(self, source):
        self.cells = lectures.read_source(source).cells
        self.code = [cell.source for cell in self.cells if cell.cell_type == "code"]
        self.exercises = {}
        for cell in self.cells:
            if cell.cell_type == "markdown":
                for solution in SOLUTION.findall(cell.source):
                    self._place(solution)
        self.room = {"__name__": "lecture"}

    def _place(self, solution):
        (place,) = (
            i
            for i, cell in enumerate(self.code)
            if "..." in cell and names(cell) == names(solution) and i not in self.exercises
        )
        check = next(i for i in range(place, len(self.code)) if self.code[i].startswith(CHECK))
        self.exercises[place] = (solution, check)

    def run(self):
        mpl.use("agg")
        for i, cell in enumerate(self.code):
            run(self.exercises[i][0] if i in self.exercises else cell, self.room)
        plt.close("all")

    def answer(self, right, wrong):
        """Run the one exercise whose solution has this text in it with another, and its check."""
        ((solution, check),) = (exercise for exercise in self.exercises.values() if right in exercise[0])
        room = self.room | {"np": np, "Fraction": Fraction, "Decimal": Decimal}
        run(solution.replace(right, wrong), room)
        run(self.code[check], room)


_solved = {}


def solved(number):
    """A lecture that has been run with its solutions."""
    if number not in _solved:
        (source,) = lectures.sources([number])
        _solved[number] = Lecture(source)
        with redirect_stdout(StringIO()):  # what is read is only what an answer is told
            _solved[number].run()
    return _solved[number]
