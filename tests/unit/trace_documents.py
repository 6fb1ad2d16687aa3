"""Trace documents of small functions, written without the tracer, for the tests of what reads documents."""

import math

from stepgrad.documents.formulas import (
    adjoint_formula,
    contribution_cost,
    equation,
    operations,
    tangent_formula,
)
from stepgrad.documents.layout import layout

# primitive: (symbol, role, value, local derivatives as trees over the arguments)
RULES = {
    "add": ("+", "distributor", lambda a, b: a + b, lambda a, b: [1, 1]),
    "subtract": ("−", "distributor", lambda a, b: a - b, lambda a, b: [1, -1]),
    "multiply": ("×", "switcher", lambda a, b: a * b, lambda a, b: [b, a]),
    "divide": (
        "÷",
        None,
        lambda a, b: a / b,
        lambda a, b: [["divide", 1, b], ["negative", ["divide", a, ["square", b]]]],
    ),
    "maximum": ("max", "router", max, lambda a, b: [["greater_equal", a, b], ["less", a, b]]),
    "sin": ("sin", None, math.sin, lambda a: [["cos", a]]),
    "cos": ("cos", None, math.cos, lambda a: [["negative", ["sin", a]]]),
    "log": ("log", None, math.log, lambda a: [["divide", 1, a]]),
    "tanh": ("tanh", None, math.tanh, lambda a: [["subtract", 1, ["square", ["tanh", a]]]]),
}

FUNCTIONS = {
    "cos": math.cos,
    "sin": math.sin,
    "tanh": math.tanh,
    "square": lambda a: a * a,
    "negative": lambda a: -a,
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "greater_equal": lambda a, b: float(a >= b),
    "less": lambda a, b: float(a < b),
}


def evaluate(tree, values):
    if isinstance(tree, (int, float)):
        return tree
    if isinstance(tree, str):
        return values[tree]
    if tree[0] in ("dot", "bar"):
        return values[f"{tree[0]} {tree[1]}"]
    return FUNCTIONS[tree[0]](*(evaluate(part, values) for part in tree[1:]))


def document(inputs, program, code=None, modes=("primal", "forward", "reverse"), seed=None, name="f"):
    """``inputs``: {label: number}; ``program``: [(label, primitive, argument, …)], the output last."""
    values = dict(inputs)
    labels = [*inputs, *(label for label, *_ in program)]
    edges, nodes = [], []
    for label, _, *arguments in program:
        edges += [(argument, label, number) for number, argument in enumerate(arguments) if isinstance(argument, str)]
    placed = layout(labels, [(source, target) for source, target, _ in edges], output=labels[-1])
    for label, value in inputs.items():
        nodes.append(_node(label, "input", None, None, [], None, [], None, value, placed))
    for label, primitive, *arguments in program:
        symbol, role, function, rule = RULES[primitive]
        values[label] = function(*(values[a] if isinstance(a, str) else a for a in arguments))
        partials = [
            partial if isinstance(argument, str) else None
            for argument, partial in zip(arguments, rule(*arguments), strict=True)
        ]
        expression = [primitive, *arguments]
        nodes.append(
            _node(label, "operation", primitive, symbol, arguments, expression, partials, role, values[label], placed)
        )
    graph = {
        "name": name,
        "live": True,
        "code": code and {"text": code, "first_line": 1, "language": "expression"},
        "inputs": list(inputs),
        "output": labels[-1],
        "columns": placed.columns,
        "rows": placed.rows,
        "nodes": nodes,
        "edges": [
            {"from": source, "to": target, "argument": number, "points": [list(point) for point in route]}
            for (source, target, number), route in zip(edges, placed.routes, strict=True)
        ],
        "guards": [],
    }
    seed = seed if seed is not None else [1] + [0] * (len(inputs) - 1)
    makers = {"primal": _primal, "forward": lambda g: _forward(g, seed), "reverse": _reverse}
    return {"kind": "stepgrad.trace", "version": 1, "graph": graph, "sweeps": [makers[mode](graph) for mode in modes]}


def _node(label, kind, primitive, symbol, arguments, expression, partials, role, value, placed):
    x, y = placed.positions[label]
    return {
        "label": label, "kind": kind, "primitive": primitive, "symbol": symbol, "arguments": arguments,
        "expression": expression, "partials": partials, "maps": [None] * len(arguments), "role": role,
        "value": value, "shape": [], "dtype": "float64", "x": x, "y": y, "span": None,
    }  # fmt: skip


def _step(phase, node, formula, values, value, done, **more):
    left = {"primal": node, "tangent": ["dot", node]}.get(phase, ["bar", node])
    line = equation(left, formula, values, more.get("contribution", value), accumulates=more.get("accumulates", False))
    return {
        "phase": phase, "node": node, "source": None, "argument": None, "formula": formula, "accumulates": False,
        "value": value, "contribution": None, "contributions": None, "operations": done, "held": 1, "bytes": 8,
        "latex": line.latex, "text": line.text, **more,
    }  # fmt: skip


def _primal(graph):
    values = {node["label"]: node["value"] for node in graph["nodes"]}
    steps = []
    for node in graph["nodes"]:
        if node["kind"] == "operation":
            formula, label = node["expression"], node["label"]
            steps.append(_step("primal", label, formula, values, values[label], len(steps) + 1))
    result = {"value": values[graph["output"]], "derivative": None, "gradient": None}
    return {"mode": "primal", "seed": None, "steps": steps, "result": result}


def _forward(graph, seed):
    values = {node["label"]: node["value"] for node in graph["nodes"]}
    values |= {f"dot {label}": number for label, number in zip(graph["inputs"], seed, strict=True)}
    steps, done = [], 0
    for node in graph["nodes"]:
        if node["kind"] == "operation":
            formula = tangent_formula(node["arguments"], node["partials"])
            value = evaluate(formula, values)
            values[f"dot {node['label']}"] = value
            done += operations(formula) + 1
            steps.append(_step("tangent", node["label"], formula, values, value, done))
    output = graph["output"]
    result = {"value": values[output], "derivative": values[f"dot {output}"], "gradient": None}
    return {"mode": "forward", "seed": list(seed), "steps": steps, "result": result}


def _reverse(graph):
    nodes = {node["label"]: node for node in graph["nodes"]}
    values = {label: node["value"] for label, node in nodes.items()}
    steps = _primal(graph)["steps"]
    done, output = len(steps), graph["output"]
    arrived = {output: [1.0]}
    values[f"bar {output}"] = 1.0
    steps.append(_step("seed", output, 1, values, 1.0, done, contribution=1.0, contributions=[1.0]))
    for source in reversed(graph["nodes"]):
        if source["label"] not in arrived:
            continue
        for number, (argument, partial) in enumerate(zip(source["arguments"], source["partials"], strict=True)):
            if partial is None:
                continue
            formula = adjoint_formula(source["label"], partial)
            value = evaluate(formula, values)
            parts = arrived.setdefault(argument, [])
            parts.append(value)
            done += contribution_cost(partial) + (len(parts) > 1)
            step = _step(
                "adjoint", argument, formula, values, sum(parts), done, source=source["label"], argument=number,
                accumulates=len(parts) > 1, contribution=value, contributions=list(parts),
            )  # fmt: skip
            values[f"bar {argument}"] = sum(parts)
            steps.append(step)
    gradient = [values.get(f"bar {label}", 0) for label in graph["inputs"]]
    return {
        "mode": "reverse", "seed": 1.0, "steps": steps,
        "result": {"value": values[output], "derivative": None, "gradient": gradient},
    }  # fmt: skip


def lecture(**options):
    """x1*x2 + sin(x1), the program of the lectures."""
    program = [("w1", "sin", "x1"), ("w2", "multiply", "x1", "x2"), ("f", "add", "w1", "w2")]
    return document({"x1": 2, "x2": 3}, program, "x1*x2 + sin(x1)", **options)


def survey(**options):
    """log(x1) + x1*x2 - sin(x2), the example of Baydin et al., tables 2 and 3."""
    program = [
        ("w1", "log", "x1"), ("w2", "multiply", "x1", "x2"), ("w3", "sin", "x2"),
        ("w4", "add", "w1", "w2"), ("f", "subtract", "w4", "w3"),
    ]  # fmt: skip
    return document({"x1": 2, "x2": 5}, program, "log(x1) + x1*x2 - sin(x2)", **options)


def gates(**options):
    """2*(x*y + max(z, w)), the example of the CS231n notes."""
    program = [
        ("w1", "multiply", "x", "y"), ("w2", "maximum", "z", "w"), ("w3", "add", "w1", "w2"),
        ("f", "multiply", 2, "w3"),
    ]  # fmt: skip
    code = "2*(x*y + max(z, w))"
    return document({"x": 3, "y": -4, "z": 2, "w": -1}, program, code, **options)


def network(width=4, depth=3, **options):
    """A fully connected network of tanh units, one weight for all: some 40 nodes and many edges."""
    program, layer, count = [], [f"x{number + 1}" for number in range(width)], 0

    def add(primitive, *arguments):
        nonlocal count
        count += 1
        program.append((f"w{count}", primitive, *arguments))
        return f"w{count}"

    for _ in range(depth):
        units = []
        for unit in range(width):
            total = add("add", layer[unit], layer[(unit + 1) % width])
            units.append(add("tanh", total))
        layer = units
    total = layer[0]
    for unit in layer[1:]:
        total = add("add", total, unit)
    program[-1] = ("f", *program[-1][1:])
    inputs = {f"x{number + 1}": 0.25 * (number + 1) for number in range(width)}
    return document(inputs, program, **options)


def polynomial(degree, **options):
    """Horner's rule: a long chain, and a variable that every second node reads."""
    program, last = [], "c"
    for number in range(degree):
        program += [
            (f"w{2 * number + 1}", "multiply", last, "x"),
            (f"w{2 * number + 2}", "add", f"w{2 * number + 1}", 1),
        ]
        last = f"w{2 * number + 2}"
    return document({"x": 0.5, "c": 1}, program, **options)
