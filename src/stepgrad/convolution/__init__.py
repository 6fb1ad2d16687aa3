"""Convolution of plain arrays: the kernels of a convolutional layer, each in several ways, and signals.

The methods, and where each is the fastest on one core:

- "direct": the definition, a sum over the kernel's entries. For reading, and as the standard for the others.
- "im2col": windows as columns, one matrix product. For a small image or a few.
- "strips": only a kernel's columns unrolled, on strips that fit the cache. For nearly everything else.
- "winograd": half the multiplications for kernels of 3 × 3. For many channels.
- "fft": by the convolution theorem. For large kernels, from 9 × 9 on.

"auto" takes the one for which a cost model predicts the shortest time; `choose` shows the predictions. This package
uses NumPy, and SciPy for Fourier transforms, and knows nothing of derivatives; `stepgrad.nn.conv2d` is the layer.
"""

from __future__ import annotations

from .arguments import output_size
from .choice import STORED, Choice, CostModel, Counts, calibrate, use
from .kernels import choose, conv2d_forward, conv2d_input_grad, conv2d_weight_grad
from .signals import convolve, convolve_sampled, correlate

__all__ = [
    "STORED", "Choice", "CostModel", "Counts", "calibrate", "choose", "conv2d_forward", "conv2d_input_grad",
    "conv2d_weight_grad", "convolve", "convolve_sampled", "correlate", "output_size", "use",
]  # fmt: skip
