"""Linear maps: a local Jacobian as an object that acts, transposes and describes itself, a matrix only when asked.

A map J from arrays of `in_shape` to arrays of `out_shape` answers:

- `J.apply(v)`: J v, what forward mode asks;
- `J.transpose()`, a map again: `J.T.apply(u)` is Jᵀ u, what reverse mode asks;
- `J.structure`, `J.role`, `J.formula(…)`: what the Jacobian looks like and what it does to a backward flow;
- `J.to_sparse()`, `J.to_dense()`: the matrix of shape (out.size, in.size), rows and columns in C order.

The transposes pair off: Sum and Copy, Selection and Scatter, Windows and Fold, Permutation with its inverse; Identity,
Diagonal and Mask are their own. Those without data that a derivative could flow through are `Constant` maps: applied
to a Tensor they record themselves as a node whose local Jacobian is again the map. The others (Diagonal, LeftMatmul,
…) are written in NumPy on values that may be Tensors, so they too can be differentiated.

Source of the algebra: the transposed Jacobians of Griewank and Walther, Evaluating Derivatives (2008), chapter 3;
structured operators in the manner of lineax and CoLA.
"""

from .arrangement import (
    Copy,
    Cumulative,
    Permutation,
    Reshape,
    Scatter,
    Selection,
    Sum,
    broadcast,
    is_basic,
    unbroadcast,
)
from .base import Constant, LinearMap, Product, Recipe, Shape, Tree, formula_of
from .entrywise import Diagonal, Identity, Mask, Scaling, Zero
from .multiplication import Contraction, LeftMatmul, RightMatmul
from .windows import Fold, Windows, span

__all__ = [
    "Constant", "Contraction", "Copy", "Cumulative", "Diagonal", "Fold", "Identity", "LeftMatmul", "LinearMap", "Mask",
    "Permutation", "Product", "Recipe", "Reshape", "RightMatmul", "Scaling", "Scatter", "Selection", "Shape", "Sum",
    "Tree", "Windows", "Zero", "broadcast", "formula_of", "is_basic", "span", "unbroadcast",
]  # fmt: skip
