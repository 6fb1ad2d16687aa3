"""stepgrad: step through automatic differentiation, look into structured Jacobians, slide convolutions.

`import stepgrad as sg` needs NumPy alone; everything heavier is imported where it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .autodiff import Tensor, check_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

if TYPE_CHECKING:
    from . import convolution, nn, numeric, symbolic
    from .autodiff.structured import StructuredJacobian, structured_jacobian
    from .documents.trace import DocumentError
    from .expressions import Expression, ExpressionError, expression
    from .tracing import Graph, Sweep, trace
    from .tracing.programs import compile_grad

__version__ = "0.1.0"

_LATER = {
    "DocumentError": "documents.trace",
    "Expression": "expressions",
    "ExpressionError": "expressions",
    "Graph": "tracing",
    "StructuredJacobian": "autodiff.structured",
    "Sweep": "tracing",
    "compile_grad": "tracing.programs",
    "convolution": "",
    "expression": "expressions",
    "nn": "",
    "numeric": "",
    "structured_jacobian": "autodiff.structured",
    "symbolic": "",
    "trace": "tracing",
}

__all__ = [
    "DocumentError", "Expression", "ExpressionError", "Graph", "StructuredJacobian", "Sweep", "Tensor", "check_grad",
    "compile_grad", "convolution", "expression", "grad", "hessian", "hvp", "jacobian", "jvp", "nn", "numeric",
    "structured_jacobian", "symbolic", "trace", "value_and_grad", "vjp",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'stepgrad' has no attribute {name!r}")
    room = _LATER[name]
    value = getattr(import_module(f".{room}", __name__), name) if room else import_module(f".{name}", __name__)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__"})
