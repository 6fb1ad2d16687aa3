"""What is known of a graph after some steps of a sweep: the state that a picture shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stepgrad.documents.formulas import Tree
from stepgrad.documents.table import display
from stepgrad.documents.trace import GraphEntry, StepEntry, SweepEntry, Value

__all__ = ["NodeState", "State", "short", "state_after"]


_LONGEST = 22  # letters of a sum that is written out


def short(value: Value) -> str:
    """A value for a small box: a number, a short vector, or the shape of a larger array, ``(2, 3)``."""
    if not isinstance(value, Mapping):
        return display(value)
    if len(value["shape"]) == 1 and value["shape"][0] <= 3:
        return f"[{', '.join(map(display, value['data']))}]"
    return f"({', '.join(map(str, value['shape']))}{',' if len(value['shape']) == 1 else ''})"


@dataclass(slots=True)
class NodeState:
    """What is known of one node; None is what is not computed yet."""

    primal: Value | None = None
    derivative: Value | None = None
    contributions: list[Value] = field(default_factory=list)
    formulas: list[tuple[Tree, Value]] = field(default_factory=list)
    """The right-hand sides that gave the derivative, each with the value that it led to."""

    def sum(self) -> str:
        """The derivative as it came about, ``3 − 0.416 = 2.584``; an en dash if nothing has arrived."""
        if self.derivative is None:
            return "–"
        total = short(self.derivative)
        if len(self.contributions) < 2 or any(isinstance(part, Mapping) for part in self.contributions):
            return total
        parts = [display(part) for part in self.contributions]
        written = [parts[0], *(f"− {part[1:]}" if part[0] == "−" else f"+ {part}" for part in parts[1:])]
        if len(parts) > 3 or len(" ".join(written)) > _LONGEST:
            written = ["…", written[-1]]
        return f"{' '.join(written)} = {total}"


@dataclass(slots=True)
class State:
    """All nodes, and the step that was done last."""

    mode: str
    position: int
    steps: int
    nodes: dict[str, NodeState]
    step: StepEntry | None

    @property
    def finished(self) -> bool:
        """Whether the sweep is over, so that its result is known."""
        return self.position == self.steps


def state_after(graph: GraphEntry, sweep: SweepEntry | None, position: int | None = None) -> State:
    """The state after the first ``position`` steps of a sweep (all of them without one), or of the graph alone.

    A position outside the sweep is an IndexError.
    """
    nodes = {node["label"]: NodeState() for node in graph["nodes"]}
    for node in graph["nodes"]:
        if sweep is None or node["kind"] == "input":
            nodes[node["label"]].primal = node["value"]
    if sweep is None:
        return State("primal", 0, 0, nodes, None)
    steps = sweep["steps"]
    position = len(steps) if position is None else position
    if not 0 <= position <= len(steps):
        raise IndexError(f"the sweep has positions 0 to {len(steps)}, not {position}")
    primals = {node["label"]: node["value"] for node in graph["nodes"]}
    if sweep["mode"] == "forward" and isinstance(sweep["seed"], list):
        for label, value in zip(graph["inputs"], sweep["seed"], strict=True):
            nodes[label].derivative = value
    for step in steps[:position]:
        state = nodes[step["node"]]
        if step["phase"] in ("primal", "tangent"):
            state.primal = primals[step["node"]]
        if step["phase"] != "primal":
            state.derivative = step["value"]
            state.contributions = list(step["contributions"] or [])
            state.formulas.append((step["formula"], step["value"]))
    if position == len(steps) and sweep["result"]["gradient"] is not None:
        for label, value in zip(graph["inputs"], sweep["result"]["gradient"], strict=True):
            if nodes[label].derivative is None:  # no path leads from it to the output
                nodes[label].derivative = value
    return State(sweep["mode"], position, len(steps), nodes, steps[position - 1] if position else None)
