"""Convolution as mathematicians write it, of signals and of pictures: with the flip, and without.

    (x ∗ w)[n] = Σ_m x[m] w[n − m]        true convolution: w is turned round; it commutes
    (x ⋆ w)[n] = Σ_m x[n + m] w[m]        cross-correlation, what neural networks call a convolution; it does not

Source: Oppenheim and Schafer, Discrete-Time Signal Processing (2010), chapter 2; Goodfellow, Bengio and Courville, Deep
Learning (2016), section 9.1, for the two meanings of the word.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .arguments import numbers
from .kernels import run
from .layout import Array, Layout

MODES = ("full", "same", "valid")


def convolve(x: Any, w: Any, mode: str = "full", method: str = "auto") -> Array:
    """True convolution of two signals or two pictures: Σ_m x[m] w[n − m].

    Args:
        x: a signal, shape (n,), or a picture, shape (H, W).
        w: with as many axes as x.
        mode: "full" for all n at which the two overlap, "same" for the middle part of x's shape, "valid" for the places
            where one lies inside the other.
        method: "direct", "im2col", "strips", "winograd" or "fft" where they apply; "auto" for the fastest.

    Returns:
        float32 where both are float32, else float64; entries along an axis: n + k − 1, n, or |n − k| + 1.

    Raises:
        ValueError: arrays that are empty, of three or more axes or of different ones, an unknown mode or method, and
            with "valid" neither lying inside the other.
        TypeError: arrays not made of real numbers.
    """
    x, w = _operands("convolve", x, w, mode)
    if mode == "valid" and any(n < k for n, k in zip(x.shape, w.shape, strict=True)):
        x, w = w, x  # it commutes
    return _slid("convolve", x, w[(slice(None, None, -1),) * w.ndim], mode, method)


def correlate(x: Any, w: Any, mode: str = "valid", method: str = "auto") -> Array:
    """Cross-correlation, the "programmers' convolution": Σ_m x[n + m] w[m], the kernel as it is.

    Args:
        x: a signal, shape (n,), or a picture, shape (H, W).
        w: with as many axes as x.
        mode: as in `convolve`; "full" begins where x's first entry meets w's last.
        method: as in `convolve`.

    Returns:
        As `convolve`. The numbers are those of `scipy.signal.correlate`, except that with "valid" w must lie inside x.

    Raises:
        ValueError: as in `convolve`.
        TypeError: as in `convolve`.
    """
    x, w = _operands("correlate", x, w, mode)
    return _slid("correlate", x, w, mode, method)


def convolve_sampled(x: Any, w: Any, step: float, mode: str = "full") -> Array:
    """The convolution integral of two signals known at points `step` apart, by the rectangle rule.

    (x ∗ w)(t) = ∫ x(τ) w(t − τ) dτ ≈ step · Σ_m x[m] w[n − m]

    Args:
        x: samples of the one, shape (n,).
        w: samples of the other, at the same distance, shape (k,).
        step: the distance, more than 0. If x begins at time a and w at b, then "full" begins at a + b.
        mode: as in `convolve`.

    Raises:
        ValueError: a step that is not a positive number, and as in `convolve`.
        TypeError: as in `convolve`.
    """
    if not isinstance(step, (int, float, np.integer, np.floating)) or not 0 < step < np.inf:
        raise ValueError(f"convolve_sampled takes a step of more than 0; got {step!r}")
    return convolve(x, w, mode) * float(step)


def _operands(function: str, x: Any, w: Any, mode: str) -> list[Array]:
    found = numbers(function, x=x, w=w)
    shapes = found[0].shape, found[1].shape
    if len(shapes[0]) != len(shapes[1]) or len(shapes[0]) not in (1, 2) or 0 in shapes[0] + shapes[1]:
        raise ValueError(
            f"{function} takes two signals (n,) or two pictures (H, W), none empty; "
            f"got shapes {shapes[0]} and {shapes[1]}"
        )
    if mode not in MODES:
        raise ValueError(f"{function} takes mode full, same or valid; got {mode!r}")
    return found


def _slid(function: str, x: Array, w: Array, mode: str, method: str) -> Array:
    """The kernel, as it is, slid over x."""
    lines = x.ndim == 1
    image, kernel = (array.reshape(1, -1) if lines else array for array in (x, w))
    (H, W), (HH, WW) = image.shape, kernel.shape
    if mode == "valid":
        before, places = (0, 0), (H - HH + 1, W - WW + 1)
    elif mode == "full":
        before, places = (HH - 1, WW - 1), (H + HH - 1, W + WW - 1)
    else:  # the middle of "full"
        before, places = (HH - 1 - (HH - 1) // 2, WW - 1 - (WW - 1) // 2), (H, W)
    if min(places) < 1:
        inside = "one inside the other" if function == "convolve" else "w inside x"
        raise ValueError(f"{function} with mode 'valid' takes {inside}; got shapes {x.shape} and {w.shape}")
    layout = Layout((1, 1, H, W), (1, 1, HH, WW), places, (1, 1), before, (1, 1), 1)
    y = run("forward", image[np.newaxis, np.newaxis], kernel[np.newaxis, np.newaxis], layout, method)[0, 0]
    return y[0] if lines else y
