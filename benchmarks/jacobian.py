"""A benchmark of a whole Jacobian: ours twice, with its structure alone and with all its values, beside the peers."""

from __future__ import annotations

import warnings
from time import process_time
from typing import Any, ClassVar

import numpy as np

from .workload import Task, Workload

DENSE_LIMIT = 4 * 2**30
"""The bytes above which no library is asked for a dense Jacobian."""


class Jacobian(Workload):
    """One row about a Jacobian. A subclass says the function `f`, the point `x` and the function's parameters.

    Ours stand in two columns: `stepgrad` finds the structure, and `values` also writes all entries out as a sparse
    array. asdex and sparsejac find out where entries are, and colour them, once for a function; that is their
    preparation, timed apart. They and JAX are compiled.
    """

    group = "jacobians"
    ours = ("stepgrad", "values")
    measures_memory = True
    value_targets: ClassVar[dict[str, float]] = {}
    """The highest wanted ratio (stepgrad with values) / other."""
    seconds_limit: ClassVar[float | None] = None
    """The longest that finding the structure should take."""
    peak_limit: ClassVar[int | None] = None
    """The most bytes that finding the structure should hold at a time."""

    x: np.ndarray[Any, Any]
    parameters: tuple[np.ndarray[Any, Any], ...] = ()

    def __init__(self) -> None:
        self.preparation: dict[str, float] = {}
        self.rng = np.random.default_rng(0)

    def f(self, nn: Any, x: Any, *parameters: Any) -> Any:
        """The function, with the layers of `nn`."""
        raise NotImplementedError  # each workload has its own

    def tasks(self) -> dict[str, Task]:
        found = super().tasks()
        if self.dense_is_too_large:
            for library in ("torch", "jax"):
                found.pop(library, None)
        return found

    @property
    def dense_nbytes(self) -> int:
        """The bytes of a dense Jacobian."""
        import stepgrad as sg

        return self.x.size * int(np.size(self.f(sg.nn, self.x, *self.parameters))) * 8

    @property
    def dense_is_too_large(self) -> bool:
        return self.dense_nbytes > DENSE_LIMIT

    # The libraries ----------------------------------------------------------------------------------------------------
    def stepgrad(self) -> Task:
        import stepgrad as sg

        f, x, parameters = self.f, self.x, self.parameters
        return lambda: sg.structured_jacobian(lambda x: f(sg.nn, x, *parameters), x)

    def values(self) -> Task:
        structured = self.stepgrad()
        return lambda: structured().to_sparse()

    def torch(self) -> Task:
        import torch
        from torch.nn import functional

        x, parameters = torch.from_numpy(self.x), [torch.from_numpy(array) for array in self.parameters]
        f = lambda x: self.f(functional, x, *parameters)  # noqa: E731
        jacobian = (torch.func.jacrev if f(x).numel() <= x.numel() else torch.func.jacfwd)(f)
        return lambda: jacobian(x)

    def jax(self) -> Task:
        import jax

        f, arguments = self._flat_in_jax(_JaxLayers)
        jacobian = jax.jit((jax.jacrev if f(*arguments).size <= self.x.size else jax.jacfwd)(f))
        return lambda: jacobian(*arguments).block_until_ready()

    def asdex(self) -> Task:
        import asdex
        import jax

        f, arguments = self._flat_in_jax(_AsdexLayers)
        start = process_time()
        jacobian = jax.jit(asdex.jacobian_from_coloring(f, self._coloring()))
        self.preparation["asdex"] = process_time() - start
        return lambda: jax.block_until_ready(jacobian(*arguments))

    def sparsejac(self) -> Task:
        """It is told where entries are; we ask asdex that, which isn't counted, but its own colouring is."""
        import jax
        import jax.numpy as jnp
        import sparsejac

        f, arguments = self._flat_in_jax(_JaxLayers)
        coloring = self._coloring()
        pattern = coloring.sparsity.to_bcoo(jnp.ones(coloring.sparsity.nnz))
        start = process_time()
        jacobian = jax.jit((sparsejac.jacrev if coloring.mode == "rev" else sparsejac.jacfwd)(f, pattern))
        self.preparation["sparsejac"] = process_time() - start
        return lambda: jax.block_until_ready(jacobian(*arguments))

    def _coloring(self) -> Any:
        import asdex

        f, arguments = self._flat_in_jax(_AsdexLayers)
        with warnings.catch_warnings(action="ignore"):  # a dense Jacobian takes as many colours as it has columns
            return asdex.jacobian_coloring(f, *arguments)

    def _flat_in_jax(self, nn: Any) -> tuple[Any, list[Any]]:
        """The function between arrays of one axis, which is what asdex and sparsejac take; and its arguments.

        The parameters are arguments, as they would be in use: known to the compiler, all would be done before the call.
        """
        import jax.numpy as jnp

        def f(x: Any, *parameters: Any) -> Any:
            return self.f(nn, x.reshape(self.x.shape), *parameters).reshape(-1)

        return f, [jnp.asarray(self.x.reshape(-1)), *map(jnp.asarray, self.parameters)]

    # The numbers ------------------------------------------------------------------------------------------------------
    def check(self, tasks: dict[str, Task]) -> None:
        ours = tasks["stepgrad"]().to_sparse()
        for library, task in tasks.items():
            error = abs(_sparse(task(), ours.shape) - ours).max() / abs(ours).max()
            if not error <= self.tolerance:
                raise AssertionError(
                    f"{self.name}: {library} and stepgrad differ by {error:.1e}, relative to the largest number"
                )


def _sparse(result: Any, shape: tuple[int, int]) -> Any:
    """A Jacobian as any library gives it, as a CSR array."""
    from scipy.sparse import coo_array, csr_array

    if hasattr(result, "to_sparse") and hasattr(result, "structure"):
        return result.to_sparse()
    if hasattr(result, "indices") and hasattr(result, "nse"):  # JAX's BCOO
        row, column = np.asarray(result.indices).T
        return coo_array((np.asarray(result.data), (row, column)), shape=shape).tocsr()
    return result if hasattr(result, "indptr") else csr_array(np.asarray(result).reshape(shape))


class _JaxLayers:
    """The layers in JAX, called as in stepgrad and in torch.nn.functional."""

    @staticmethod
    def relu(x: Any) -> Any:
        import jax

        return jax.nn.relu(x)

    @staticmethod
    def linear(x: Any, W: Any, b: Any) -> Any:
        return x @ W.T + b

    @staticmethod
    def conv2d(x: Any, w: Any) -> Any:
        from jax import lax

        return lax.conv_general_dilated(x, w, (1, 1), "VALID")

    @staticmethod
    def max_pool2d(x: Any, size: int) -> Any:
        import jax.numpy as jnp
        from jax import lax

        window = (1, 1, size, size)
        return lax.reduce_window(x, -jnp.inf, lax.max, window, window, "VALID")


class _AsdexLayers(_JaxLayers):
    """The layers written so that asdex can follow them: it has no rule for `reduce_window`."""

    @staticmethod
    def max_pool2d(x: Any, size: int) -> Any:
        n, c, h, w = x.shape
        return x.reshape(n, c, h // size, size, w // size, size).max((3, 5))
