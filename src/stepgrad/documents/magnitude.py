"""How large the numbers are that convolution's widgets take."""

from __future__ import annotations

from typing import Any

import numpy as np

LARGEST_MAGNITUDE = 1e100
"""Products of two such numbers, and sums of those, are still far from where floats end."""


def too_large(values: Any) -> tuple[int, ...] | None:
    """Where the first number of an array is beyond `LARGEST_MAGNITUDE`; None where none is."""
    places = np.argwhere(np.abs(np.asarray(values, float)) > LARGEST_MAGNITUDE)
    return tuple(int(k) for k in places[0]) if len(places) else None
