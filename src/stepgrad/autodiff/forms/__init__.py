"""The form of a linear map: in closed form where its nonzeros are, and what they are.

    J[out; in] = Σ over labels of  Π factors[labels] · [out = axes(labels)] · [in = axes(labels)]

A label is an index that runs over 0 … size − 1, as a letter of an einsum does; an axis is an affine function of labels,
and of integer tables where nothing simpler holds. A label that the output and the input share is a Kronecker delta:

    ReLU                out (b, f)        in (b, f)              factor d[b, f]
    FC layer, by W      out (b, o)        in (o, i)              factor x[b, i]
    convolution         out (b, o, p, q)  in (b, c, p+u, q+v)    factor K[o, c, u, v]
    max-pool            out (b, p)        in (b, table[b, p])    no factor

Such a form takes the memory of its factors, and those are arrays that the map has anyway. Its transpose swaps the
output with the input. A product equates the axes between the two forms: each equation puts an axis in a label's place,
and the factors are joined; the labels that are left in factors alone are summed, when someone asks for the values
(`contraction`). Where an axis leaves its range the entry is not there: this is how padding says zero.

Source: Einstein summation with affine index maps, as in the polyhedral view of array programs (Feautrier 1992) and in
einsum-based sparse AD; the closed class of forms under products is worked out here.
"""

from .axes import Array, Axis, Factor, Label, Shape, labels_of, spread
from .contraction import Order, contract, contracted, multiply, orders, values
from .entries import entry, row, tells_cells_apart, to_csr
from .form import ORIGIN, Form, axes_for, diagonal, factor, labels_for
from .names import name_of
from .products import compose, melted, merge_windows

__all__ = [
    "ORIGIN", "Array", "Axis", "Factor", "Form", "Label", "Order", "Shape", "axes_for", "compose", "contract",
    "contracted", "diagonal", "entry", "factor", "labels_for", "labels_of", "melted", "merge_windows", "multiply",
    "name_of", "orders", "row", "spread", "tells_cells_apart", "to_csr", "values",
]  # fmt: skip
