"""The gradient of x1*x2 + sin(x1), the lecture's example: what one call costs before it does anything large."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..workload import Task, Workload

POINT = (2.0, 3.0)


class TwoInputs(Workload):
    name = "two-inputs"
    title = "gradient of x1*x2 + sin(x1)"
    targets: ClassVar = {"micrograd": 1.0}

    def stepgrad(self) -> Task:
        import numpy as np

        import stepgrad as sg

        gradient = sg.grad(lambda x1, x2: x1 * x2 + np.sin(x1), (0, 1))
        return lambda: gradient(*POINT)

    def numpy(self) -> Task:
        import numpy as np

        def gradient(x1: float, x2: float) -> tuple[float, float]:
            return x2 + np.cos(x1), x1

        return lambda: gradient(*POINT)

    def micrograd(self) -> Task:
        from micrograd.engine import Value

        def sin(x: Any) -> Any:  # which it lacks: in its own style
            out = Value(math.sin(x.data), (x,), "sin")

            def _backward() -> None:
                x.grad += math.cos(x.data) * out.grad

            out._backward = _backward
            return out

        def task() -> Any:
            x1, x2 = Value(POINT[0]), Value(POINT[1])
            y = x1 * x2 + sin(x1)
            y.backward()
            return x1.grad, x2.grad

        return task

    def autograd(self) -> Task:
        import autograd.numpy as anp
        from autograd import grad

        gradient = grad(lambda x1, x2: x1 * x2 + anp.sin(x1), (0, 1))
        return lambda: gradient(*POINT)

    def torch(self) -> Task:
        import torch

        def task() -> Any:
            x1, x2 = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in POINT)
            y = x1 * x2 + torch.sin(x1)
            y.backward()
            return x1.grad, x2.grad

        return task

    def jax(self) -> Task:
        import jax
        import jax.numpy as jnp

        gradient = jax.grad(lambda x1, x2: x1 * x2 + jnp.sin(x1), (0, 1))  # recorded anew, so not compiled
        return lambda: jax.block_until_ready(gradient(*POINT))


class TwoInputsOnTensors(TwoInputs):
    name = "two-inputs-backward"
    title = f"{TwoInputs.title}, written with Tensors and backward()"

    def stepgrad(self) -> Task:
        import numpy as np

        from stepgrad import Tensor

        def task() -> Any:
            x1, x2 = Tensor(POINT[0]), Tensor(POINT[1])
            y = x1 * x2 + np.sin(x1)
            y.backward()
            return x1.grad, x2.grad

        return task


class TwoInputsCompiled(TwoInputs):
    name = "two-inputs-compiled"
    title = f"{TwoInputs.title}, compiled once"
    targets: ClassVar = {"numpy": 2.5}

    def stepgrad(self) -> Task:
        import numpy as np

        import stepgrad as sg

        gradient = sg.compile_grad(lambda x1, x2: x1 * x2 + np.sin(x1), *POINT, argnums=(0, 1))
        return lambda: gradient(*POINT)

    def numpy(self) -> Task:
        def gradient(x1: float, x2: float) -> tuple[float, float]:  # without NumPy, which is slower on one number
            return x2 + math.cos(x1), x1

        return lambda: gradient(*POINT)
