"""LaTeX as far as matplotlib sets it: mathtext lacks a few commands, which are written in others here."""

from __future__ import annotations

import re

__all__ = ["broken", "mathtext"]

_LACKING = {
    r"\mathrel{+}=": r"\;{+}\!{=}\;",
    r"\lvert ": "|",
    r" \rvert": "|",
    r"\lvert": "|",
    r"\rvert": "|",
    r"\square": "□",
}
_RENAMED = {"le": "leq", "ge": "geq", "ne": "neq"}


def mathtext(latex: str) -> str:
    """The formula as matplotlib takes it, in dollar signs."""
    for lacking, there in _LACKING.items():
        latex = latex.replace(lacking, there)
    latex = re.sub(r"\\(le|ge|ne)(?![A-Za-z])", lambda found: "\\" + _RENAMED[found[1]], latex)
    latex = re.sub(r"(\\[lgn]eq|[<>]) -", r"\1 {-}", latex)  # else it is set as a difference
    return f"${latex}$"


def broken(latex: str) -> list[str]:
    """A chain of equations as its members, each from the second on with its leading sign: for lines of their own."""
    members, depth, start = [], 0, 0
    for place, letter in enumerate(latex):
        depth += (letter in "{[(") - (letter in "}])")
        if not depth and latex.startswith(" = ", place):
            members.append(latex[start:place])
            start = place + 1
    members.append(latex[start:])
    if "=" in members[0] or not members[1:]:
        return members
    return [f"{members[0]} {members[1]}", *members[2:]]
