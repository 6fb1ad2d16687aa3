"""Value and gradient of a random program of 1,000 operations on scalars: what recording one operation costs.

The program is straight-line Python, recorded and differentiated anew at every call. Its operations are +, × and tanh,
because they are one node in every library (micrograd's a − b is three). Each operation reads a value that none has
read yet, and most also one that has been read, so that all of them reach the output by many ways; every fifth, and
every one on a value beyond 2, is a tanh, so that nothing overflows.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable
from typing import Any, ClassVar

from ..workload import Task, Workload

OPERATIONS = 1000
INPUTS = 10


def program() -> tuple[str, list[float]]:
    """The source of `dag(tanh, x0, …, x9)`, and the point to evaluate it at."""
    rng = random.Random(1)
    point = [rng.uniform(-1, 1) for _ in range(INPUTS)]
    values = {f"x{i}": value for i, value in enumerate(point)}
    unread = list(values)
    lines = [f"def dag(tanh, {', '.join(values)}):"]
    for i in range(OPERATIONS):
        joining = OPERATIONS - i < len(unread)  # the last operations add up what is left
        a = unread.pop(rng.randrange(len(unread)))
        b = unread[0] if joining else rng.choice([name for name in values if name not in unread] or unread)
        chance = rng.random()
        if not joining and (chance < 0.2 or abs(values[a]) > 2):
            text, value, read = f"tanh({a})", math.tanh(values[a]), {a}
        elif joining or chance < 0.6:
            text, value, read = f"{a} + {b}", values[a] + values[b], {a, b}
        else:
            text, value, read = f"{a} * {b}", values[a] * values[b], {a, b}
        unread = [name for name in unread if name not in read] + [f"w{i}"]
        values[f"w{i}"] = value
        lines.append(f"    w{i} = {text}")
    (output,) = unread
    return "\n".join([*lines, f"    return {output}"]), point


class ScalarDag(Workload):
    name = "scalar-dag"
    title = f"value and gradient of {OPERATIONS:,} operations on scalars, by {INPUTS} inputs"
    targets: ClassVar = {"micrograd": 1.0, "autograd": 0.1}

    def __init__(self) -> None:
        source, self.point = program()
        namespace: dict[str, Any] = {}
        exec(source, namespace)  # the text put together above: a chain of 1,000 lines, with no loop to time
        self.dag: Callable[..., Any] = namespace["dag"]

    def stepgrad(self) -> Task:
        import numpy as np

        import stepgrad as sg

        dag, point = self.dag, self.point
        both = sg.value_and_grad(lambda *x: dag(np.tanh, *x), range(INPUTS))
        return lambda: both(*point)

    def micrograd(self) -> Task:
        from micrograd.engine import Value

        sys.setrecursionlimit(10 * OPERATIONS)  # its backward pass recurses
        dag, point = self.dag, self.point

        def tanh(x: Any) -> Any:  # which it lacks: in its own style
            out = Value(math.tanh(x.data), (x,), "tanh")

            def _backward() -> None:
                x.grad += (1 - out.data**2) * out.grad

            out._backward = _backward
            return out

        def task() -> Any:
            x = [Value(value) for value in point]
            y = dag(tanh, *x)
            y.backward()
            return y.data, [leaf.grad for leaf in x]

        return task

    def autograd(self) -> Task:
        import autograd.numpy as anp
        from autograd import value_and_grad

        dag, point = self.dag, self.point
        both = value_and_grad(lambda *x: dag(anp.tanh, *x), tuple(range(INPUTS)))
        return lambda: both(*point)

    def torch(self) -> Task:
        import torch

        dag, point = self.dag, self.point

        def task() -> Any:
            x = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in point]
            y = dag(torch.tanh, *x)
            y.backward()
            return y.detach(), [leaf.grad for leaf in x]

        return task

    def jax(self) -> Task:
        import jax
        import jax.numpy as jnp

        dag, point = self.dag, self.point
        both = jax.value_and_grad(lambda *x: dag(jnp.tanh, *x), tuple(range(INPUTS)))  # recorded anew, so not compiled
        return lambda: jax.block_until_ready(both(*point))


class ScalarDagOnTensors(ScalarDag):
    name = "scalar-dag-backward"
    title = f"{ScalarDag.title}, written with Tensors and backward()"

    def stepgrad(self) -> Task:
        import numpy as np

        from stepgrad import Tensor

        dag, point = self.dag, self.point

        def task() -> Any:
            x = [Tensor(value) for value in point]
            y = dag(np.tanh, *x)
            y.backward()
            return y.value, [leaf.grad for leaf in x]

        return task


class ScalarDagCompiled(ScalarDag):
    name = "scalar-dag-compiled"
    title = f"{ScalarDag.title}, compiled once"
    targets: ClassVar = {"micrograd": 0.1, "torch": 0.03}

    def stepgrad(self) -> Task:
        import numpy as np

        import stepgrad as sg

        dag, point = self.dag, self.point
        both = sg.compile_grad(lambda *x: dag(np.tanh, *x), *point, argnums=range(INPUTS), with_value=True)
        return lambda: both(*point)
