"""The engine: Tensor, primitives with one rule each, linear maps, and the two sweeps that ask them. NumPy only."""

from . import coloring, primitives
from .check import check_grad
from .derivatives import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .linear_maps import LinearMap
from .primitive import Elementwise, General, Linear, Primitive
from .tensor import Tensor

__all__ = [
    "Elementwise", "General", "Linear", "LinearMap", "Primitive", "Tensor", "check_grad", "coloring", "grad",
    "hessian", "hvp", "jacobian", "jvp", "primitives", "value_and_grad", "vjp",
]  # fmt: skip
