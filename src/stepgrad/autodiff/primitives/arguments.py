"""Arguments of NumPy's functions that are the same for many of them."""

from __future__ import annotations

from typing import Any

import numpy as np


def refuse(name: str, **given: Any) -> None:
    """Refuses arguments that a Tensor can't honour, rather than passing over them.

    Args:
        name: the NumPy function.
        given: the arguments; None and NumPy's mark for "not given" are fine.

    Raises:
        TypeError: names the function and the argument.
    """
    for key, value in given.items():
        if value is not None and value is not np._NoValue:
            raise TypeError(f"np.{name} of a Tensor can't take {key}=; leave it out and work with the result")


def is_given(value: Any) -> bool:
    """Whether an argument was given: it is neither None nor NumPy's mark for "not given"."""
    return value is not None and value is not np._NoValue


def kept(keepdims: Any) -> bool:
    """`keepdims=` as a truth value."""
    return bool(keepdims) if is_given(keepdims) else False
