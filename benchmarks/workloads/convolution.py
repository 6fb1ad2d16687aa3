"""Convolutions: forward, gradient by the images and gradient by the kernels, each alone, and all through `sg.nn`.

The rows are (a) one small image, (b) a batch of it, (c) many channels and (d) one large picture with kernels of growing
size. PyTorch's gradients are single calls of its own kernel for one gradient; HIPS autograd has a convolution in
`autograd.scipy.signal`; SciPy's are loops over images, channels and kernels around `correlate` and `convolve` of
`scipy.signal`, which choose between the direct way and Fourier transforms themselves.
"""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ..workload import Task, Workload


class Case(NamedTuple):
    images: tuple[int, int, int, int]
    kernels: tuple[int, int, int, int]
    dtype: str

    @property
    def places(self) -> tuple[int, int]:
        return self.images[2] - self.kernels[2] + 1, self.images[3] - self.kernels[3] + 1

    def arrays(self) -> tuple[Any, Any, Any]:
        """Images, kernels and a cotangent."""
        rng = np.random.default_rng(0)
        shapes = self.images, self.kernels, (self.images[0], self.kernels[0], *self.places)
        x, w, dy = (rng.standard_normal(shape).astype(self.dtype) for shape in shapes)
        return x, w, dy


SIZES = {
    "a": ((1, 3, 32, 32), (6, 3, 5, 5)),
    "b": ((32, 3, 32, 32), (6, 3, 5, 5)),
    "c": ((16, 64, 32, 32), (64, 64, 3, 3)),
    **{f"d{k}": ((1, 1, 512, 512), (1, 1, k, k)) for k in (3, 5, 7, 9, 15, 31, 63)},
}
DTYPES = {"float32": 1e-4, "float64": 1e-10}


OPERATIONS = {"forward": "forward", "input": "input_grad", "weight": "weight_grad"}


class _Convolution:
    """One operation on one case."""

    group = "convolution"
    operation: ClassVar[str]
    case: ClassVar[Case]

    def notes(self) -> list[str]:
        """The method that was taken."""
        from stepgrad import convolution

        images, kernels, dtype = self.case
        choice = convolution.choose(images, kernels, operation=OPERATIONS[self.operation], dtype=dtype)
        return [f"auto takes {choice.method}"]

    def stepgrad(self) -> Task:
        from stepgrad import convolution

        x, w, dy = self.case.arrays()
        return {
            "forward": lambda: convolution.conv2d_forward(x, w),
            "input": lambda: convolution.conv2d_input_grad(dy, w, x.shape),
            "weight": lambda: convolution.conv2d_weight_grad(dy, x, w.shape),
        }[self.operation]

    def torch(self) -> Task:
        import torch

        x, w, dy = map(torch.from_numpy, self.case.arrays())
        if self.operation == "forward":
            return lambda: torch.nn.functional.conv2d(x, w)
        wanted = [self.operation == "input", self.operation == "weight", False]
        place = wanted.index(True)
        backward = torch.ops.aten.convolution_backward
        return lambda: backward(dy, x, w, [0], [1, 1], [0, 0], [1, 1], False, [0, 0], 1, wanted)[place]


class _Autograd:
    """HIPS autograd's convolution; its gradients come with the forward pass that it needs before them."""

    def autograd(self: Any) -> Task:
        import autograd.numpy as anp
        from autograd import make_vjp
        from autograd.scipy.signal import convolve

        x, w, dy = self.case.arrays()
        slide = partial(convolve, axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode="valid")
        turn = lambda w: anp.transpose(w, (1, 0, 2, 3))[:, :, ::-1, ::-1]  # noqa: E731
        if self.operation == "forward":
            return lambda: slide(x, turn(w))
        if self.operation == "input":
            return lambda: make_vjp(lambda x: slide(x, turn(w)))(x)[0](dy)
        return lambda: make_vjp(lambda w: slide(x, turn(w)))(w)[0](dy)


class _SciPy:
    """Loops over images, channels and kernels around `scipy.signal`."""

    def scipy(self: Any) -> Task:
        from scipy.signal import convolve, correlate

        x, w, dy = self.case.arrays()
        (N, C), F = x.shape[:2], w.shape[0]

        def forward() -> Any:
            y = np.zeros_like(dy)
            for n, f, c in product(range(N), range(F), range(C)):
                y[n, f] += correlate(x[n, c], w[f, c], "valid")
            return y

        def by_images() -> Any:
            dx = np.zeros_like(x)
            for n, f, c in product(range(N), range(F), range(C)):
                dx[n, c] += convolve(dy[n, f], w[f, c], "full")
            return dx

        def by_kernels() -> Any:
            dw = np.zeros_like(w)
            for n, f, c in product(range(N), range(F), range(C)):
                dw[f, c] += correlate(x[n, c], dy[n, f], "valid")
            return dw

        return {"forward": forward, "input": by_images, "weight": by_kernels}[self.operation]


class _Layer:
    """Forward and backward through `sg.nn`, beside the three kernels by hand."""

    group = "convolution"
    case: ClassVar[Case]

    def stepgrad(self) -> Task:
        import stepgrad as sg

        x, w, dy = self.case.arrays()

        def task() -> Any:
            y, pullback = sg.vjp(sg.nn.conv2d, x, w)
            return y, *pullback(dy)

        return task

    def numpy(self) -> Task:
        from stepgrad import convolution

        x, w, dy = self.case.arrays()

        def task() -> Any:
            y = convolution.conv2d_forward(x, w)
            return y, convolution.conv2d_input_grad(dy, w, x.shape), convolution.conv2d_weight_grad(dy, x, w.shape)

        return task

    def torch(self) -> Task:
        import torch

        x, w, dy = map(torch.from_numpy, self.case.arrays())
        x.requires_grad_()
        w.requires_grad_()

        def task() -> Any:
            y = torch.nn.functional.conv2d(x, w)
            return y.detach(), *torch.autograd.grad(y, (x, w), dy)

        return task


def _workloads() -> dict[str, type[Workload]]:
    found: dict[str, type[Workload]] = {}
    for (size, (images, kernels)), (dtype, tolerance) in product(SIZES.items(), DTYPES.items()):
        case = Case(images, kernels, dtype)
        about = f"{' × '.join(map(str, images))} by {' × '.join(map(str, kernels))}, {dtype}"
        terms = np.prod(images) * np.prod((kernels[0], *kernels[2:]))  # multiplications of one operation
        bases: tuple[type, ...] = (_Convolution, Workload)
        if images[0] * images[1] * kernels[0] < 1000:
            bases = (_SciPy, *bases)
        if terms < 3e7:  # beyond, its patches take hundreds of megabytes and seconds
            bases = (_Autograd, *bases)
        rounds = None if terms < 3e7 else 11 if terms < 1e8 else 5  # of seconds each, for PyTorch in float64
        for operation, words in (("forward", "output"), ("input", "gradient by x"), ("weight", "gradient by w")):
            limit = 1.25 if size == "c" and dtype == "float32" else 1.0
            targets = {"torch": limit, "autograd": 0.1}
            name = f"conv-{size}-{operation}-{dtype}"
            body = {"name": name, "title": f"{words} of a convolution, {about}", "targets": targets, "case": case}
            more = {"operation": operation, "tolerance": tolerance, "rounds": rounds, "__module__": __name__}
            found[name] = type(name, bases, {**body, **more})
        if size in "abc":
            name = f"conv-{size}-layer-{dtype}"
            body = {"name": name, "title": f"a convolutional layer there and back, {about}", "targets": {"numpy": 1.15}}
            found[name] = type(
                name, (_Layer, Workload), {**body, "case": case, "tolerance": tolerance, "__module__": __name__}
            )
    return found


globals().update(_workloads())
