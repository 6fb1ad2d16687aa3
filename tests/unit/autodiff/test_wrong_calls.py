"""Calls that NumPy refuses on arrays are refused on Tensors, with the same kind of error."""

import numpy as np
import pytest

from stepgrad import Tensor

X, V, C = np.ones((2, 3)), np.ones(3), np.ones((2, 3, 2))

REFUSED_BY_NUMPY = """
np.sum(x, axis=2)
np.sum(x, axis=(0, 0))
np.sum(x, (0, -2))
np.mean(x, axis=-3)
np.max(x[:0])
np.min(np.zeros((0, 3)) * x[:0], axis=0)
np.cumsum(x, axis=2)
np.reshape(x, (4, 2))
np.reshape(x, (-1, -1))
x.reshape(5)
np.transpose(x, (0, 0))
np.transpose(x, (0,))
np.transpose(x, (0, 2))
np.swapaxes(x, 0, 2)
np.moveaxis(x, 0, 2)
np.moveaxis(x, (0, 1), (0,))
np.squeeze(x, 0)
np.expand_dims(x, 5)
np.broadcast_to(x, (3, 3))
np.broadcast_to(x, (3,))
np.take(x, 6)
np.take(x, [2], axis=0)
np.flip(x, 2)
np.sort(x, 2)
np.pad(x, -1)
np.pad(x, 1.5)
np.pad(x, ((1, 1), (1, 1), (1, 1)))
np.concatenate([x, v])
np.concatenate([x, x[:, :2]])
np.concatenate([x, x], axis=2)
np.concatenate([v[0], v[1]])
np.concatenate([])
np.stack([x, v])
np.stack([x, x], axis=3)
np.stack([])
np.vstack([x, v[:2]])
np.split(v, 2)
np.split(v, 3, axis=1)
x[2]
x[:, 3]
x[0, 0, 0]
x[[True, False, True]]
x[0.5]
x["a"]
x[[0.5]]
v[None, None, 0, 0, 0]
x + v[:2]
x * c
np.maximum(x, v[:2])
np.where([True, False], x, x)
x @ x
np.matmul(x, 2.0)
np.matmul(v[0], x)
np.dot(x, x)
np.dot(c, c)
np.inner(x, v[:2])
np.vdot(x, v)
np.tensordot(x, x, axes=([0], [1]))
np.tensordot(x[:, :1], x, axes=([1], [1]))
np.tensordot(x, x, axes=([2], [0]))
np.trace(v)
np.trace(x, axis1=0, axis2=0)
np.einsum("ij,jk->ik", x)
np.einsum("ij", v)
np.einsum("ij,jk->ik", x, x)
np.einsum("ii", x)
np.einsum("ij->ik", x)
np.einsum("ij->iij", x)
np.einsum("i...j,j", v, v[:2])
np.einsum("i->i", v, v)
np.linalg.norm(x, 3)
np.linalg.norm(v, "fro")
np.linalg.norm(v, "nonsense")
np.linalg.norm(c, 2)
np.linalg.norm(c, axis=(0, 1, 2))
np.linalg.norm(x, 1, axis=(0, 0))
np.linalg.norm(x, "nonsense")
np.sin(x, x, x)
np.add(x)
np.add.reduce(x, axis=2)
np.ravel(x, "Z")
np.full_like(x, v[:2])
""".strip().splitlines()


@pytest.mark.parametrize("text", REFUSED_BY_NUMPY)
def test_refused_as_numpy_does(text):
    plain = {"np": np, "x": X, "v": V, "c": C}
    tensors = {"np": np, "x": Tensor(X), "v": Tensor(V), "c": Tensor(C)}
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - any: it is compared with ours
        eval(text, plain)
    with pytest.raises((type(theirs.value), ValueError, TypeError, IndexError)) as ours:
        eval(text, tensors)
    assert str(ours.value)


REFUSED_BY_US = {
    "np.reshape(x, 6, 'A')": "takes order 'C' or 'F', not 'A'",
    "x.ravel('K')": "takes order 'C' or 'F', not 'K'",
    "np.pad(x, 1, 'reflect')": "knows mode='constant', not 'reflect'",
    "np.linalg.norm(x, 2)": "singular values",
    "np.linalg.norm(x, 'nuc')": "singular values",
    "np.linalg.norm(v, 0)": "no derivative",
    "np.where(x > 0, x)": "a condition and two choices",
    "x.astype(int)": "can't become int64",
}


@pytest.mark.parametrize("text", REFUSED_BY_US)
def test_refused_with_a_sentence(text):
    with pytest.raises(TypeError, match=REFUSED_BY_US[text]):
        eval(text, {"np": np, "x": Tensor(X), "v": Tensor(V)})
