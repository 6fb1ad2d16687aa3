"""Writes tests/golden/fourier/*.json: convolution theorem documents that the browser must compute as Python does.

Run it after a change of the document or of what is counted, and read the difference before committing it:

    python tests/golden/make_fourier.py
"""

import json
from pathlib import Path

import numpy as np

from stepgrad.documents.fourier import (
    LIMIT,
    direct_multiplications,
    fft_multiplications,
    fourier_document,
    next_fast_length,
    predicted_crossover,
)
from stepgrad.widgets.convolution_theorem import KERNEL, SIGNAL

FOLDER = Path(__file__).with_name("fourier")


def numbers(count):
    return [round(float(value), 3) for value in np.random.default_rng(count).normal(size=count)]


DOCUMENTS = {
    "default": (SIGNAL, KERNEL, 12),
    "default_padded": (SIGNAL, KERNEL, 16),
    "between": (SIGNAL, KERNEL, 14),
    "one_sample": ([2.5], [-3.0], 1),
    "impulse": ([1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0], 4),
    "zeros": ([0.0, 0.0, 0.0], [1.0, 2.0], 4),
    "alternating": ([1.0, -1.0] * 4, [1.0, 1.0], 8),
    "kernel_longer": (numbers(3), numbers(7), 7),
    "odd": (numbers(9), numbers(4), 9),
    "prime": (numbers(29), numbers(3), 31),
    "longest": (numbers(50), numbers(15), LIMIT),
    "longest_wrapped": (numbers(48), numbers(17), 48),
}

LAYERS = [(32, 1, 1, 1), (512, 1, 1, 1), (512, 128, 96, 256), (224, 1, 3, 64), (100, 7, 5, 3), (8, 1, 1, 1)]


def costs():
    """What layers cost, and where transforms become cheaper."""
    for layer in LAYERS:
        sizes = [k for k in (1, 3, 5, 7, 11, 31, 63) if k <= layer[0]]
        yield {
            "layer": dict(zip(("image", "batch", "channels", "filters"), layer, strict=True)),
            "direct": [[k, direct_multiplications(layer[0], k, *layer[1:])] for k in sizes],
            "fft": fft_multiplications(*layer),
            "crossover": predicted_crossover(*layer),
        }


def main():
    FOLDER.mkdir(exist_ok=True)
    for name, (signal, kernel, length) in DOCUMENTS.items():
        document = fourier_document(list(signal), list(kernel), length)
        write(name, document)
    write("costs", {"layers": list(costs()), "fast": [[n, next_fast_length(n)] for n in range(1, 130)]})


def write(name, content):
    (FOLDER / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
