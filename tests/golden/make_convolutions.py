"""Writes tests/golden/convolutions/*.json: convolutions that Python and the browser must both compute as SciPy does.

Run it after a change of the document or of a rule, and read the difference before committing it:

    python tests/golden/make_convolutions.py
"""

import json
from itertools import product
from pathlib import Path

import numpy as np
from scipy.signal import convolve, correlate

from stepgrad.documents.convolution import Layout, encode, size_rule, size_sentence
from stepgrad.widgets.kernels import preset, spread
from stepgrad.widgets.pictures import box_means, own_picture, reduced_size, test_card

FOLDER = Path(__file__).with_name("convolutions")


def picture(height, width, channels):
    return np.random.default_rng((height, width, channels)).integers(0, 256, (height, width, channels), np.uint8) / 255


def bank(filters, channels, rows, columns):
    rng = np.random.default_rng((filters, channels, rows, columns))
    weights = rng.normal(size=(filters, channels, rows, columns)).round(3)
    weights.flat[::7] = 0  # maps leave such weights out
    return weights, rng.normal(size=filters).round(3)


def edges(name, k):
    return spread(preset(name, k), 3)[np.newaxis], np.array([0.05])


def by_scipy(pixels, weights, biases, at, flip):
    """Maps by SciPy: a kernel with zeros between its entries, every place of it, and of these each s-th."""
    apart = np.zeros((*weights.shape[:2], *(at.span(k) for k in at.kernel)))
    apart[..., :: at.dilation, :: at.dilation] = weights
    padded = np.pad(pixels, ((at.padding, at.padding), (at.padding, at.padding), (0, 0)))
    slide = convolve if flip else correlate
    maps = [
        bias + sum(slide(padded[:, :, c], kernel[c], "valid", "direct") for c in range(at.channels))
        for kernel, bias in zip(apart, biases, strict=True)
    ]
    return np.stack(maps)[:, :: at.stride, :: at.stride]


def matrix(at):
    """Which weight stands where in the layer's matrix, by the definition: −1 for none."""
    rows, columns = at.places
    found = np.full((rows * columns, at.channels * at.height * at.width), -1)
    cells = product(range(rows), range(columns), range(at.channels), *map(range, at.kernel))
    for p, q, c, a, b in cells:
        i, j = (at.stride * place + at.dilation * entry - at.padding for place, entry in ((p, a), (q, b)))
        if 0 <= i < at.height and 0 <= j < at.width:
            weight = (c * at.kernel[0] + a) * at.kernel[1] + b
            found[p * columns + q, (c * at.height + i) * at.width + j] = weight
    return found


def convolutions():
    """Each with its pixels, its filters, how they slide, and a position."""
    card = box_means(test_card().values, 32, 32)
    return {
        "plain": (picture(7, 9, 1), bank(2, 1, 3, 3), (1, 0, 1), False, 11),
        "colour": (picture(8, 6, 3), bank(2, 3, 3, 2), (1, 0, 1), False, 7),
        "turned": (picture(8, 6, 3), bank(2, 3, 3, 2), (1, 0, 1), True, 7),
        "padded": (picture(5, 6, 2), bank(1, 2, 3, 3), (1, 2, 1), False, 0),
        "strided": (picture(9, 11, 1), bank(1, 1, 3, 3), (2, 1, 1), False, 9),
        "not_fitting": (picture(10, 9, 2), bank(2, 2, 3, 4), (3, 0, 1), False, 4),
        "dilated": (picture(9, 8, 1), bank(1, 1, 3, 2), (1, 1, 3), True, 12),
        "everything": (picture(11, 10, 3), bank(2, 3, 2, 3), (2, 3, 2), True, 20),
        "one_pixel": (picture(4, 3, 5), bank(3, 5, 1, 1), (1, 0, 1), False, 5),
        "one_place": (picture(4, 5, 2), bank(1, 2, 4, 5), (8, 0, 1), False, 0),
        "numbers": (own_picture([[0, 1, 2], [3, 4, 5], [6, 7, 8]])[0].values, bank(1, 1, 2, 2), (1, 0, 1), False, 3),
        "lecture": (card, edges("sobel_x", 5), (1, 0, 1), False, 298),
    }


def golden(name, pixels, given, geometry, flip, position):
    weights, biases = given
    height, width, channels = pixels.shape
    at = Layout(channels, height, width, weights.shape[2:], *geometry)
    filters = [
        {"name": f"filter {k}", "weights": kernel.ravel().tolist(), "bias": float(bias)}
        for k, (kernel, bias) in enumerate(zip(weights, biases, strict=True))
    ]
    whole = matrix(at) if height * width * channels <= 400 else None
    return {
        "document": encode({"name": name, "title": name}, pixels, at, filters, flip, len(filters) - 1, position),
        "maps": by_scipy(pixels, weights, biases, at, flip).reshape(len(weights), -1).tolist(),
        "matrix": None
        if whole is None
        else [[[int(j), int(row[j])] for j in np.flatnonzero(row >= 0)] for row in whole],
        "rules": [size_rule(at, n, k) for n, k in at.axes],
        "sentence": size_sentence(at),
    }


def means(pixels, rows, columns):
    """The mean over each box, by the definition: on a grid so fine that every box is a whole number of its cells."""
    height, width, channels = pixels.shape
    fine = pixels.repeat(rows, axis=0).repeat(columns, axis=1)
    return fine.reshape(rows, height, columns, width, channels).mean(axis=(1, 3))


def reductions():
    """Pictures in fewer pixels."""
    cases = []
    for height, width, channels, size in ((8, 8, 3, 4), (9, 7, 1, 5), (10, 4, 2, 6), (5, 16, 1, 7), (3, 2, 1, 4)):
        pixels = picture(height, width, channels)
        rows, columns = reduced_size(height, width, size)
        case = {"height": height, "width": width, "channels": channels, "size": size, "rows": rows, "columns": columns}
        small = means(pixels, rows, columns)
        cases.append({**case, "pixels": pixels.ravel().tolist(), "means": small.ravel().tolist()})
    return cases


def sizes():
    """The size rule and its sentence over many sizes, those that don't fit among them."""
    grid = product((3, 7, 32), (1, 5), (1, 2, 3, 5), (0, 1, 2), (1, 2))
    found = []
    for n, k, stride, padding, dilation in grid:
        at = Layout(1, n, n + 1, (k, k), stride, padding, dilation)
        entry = {"height": n, "width": n + 1, "kernel": [k, k]}
        geometry = {"stride": stride, "padding": padding, "dilation": dilation}
        said = {"rules": [size_rule(at, *axis) for axis in at.axes], "sentence": size_sentence(at)}
        found.append({**entry, **geometry, "places": list(at.places), **said})
    return found


def documents():
    return {name: golden(name, *given) for name, given in convolutions().items()}


def others():
    """What else both sides compute, in files of their own."""
    return {"reductions": reductions(), "sizes": sizes()}


def write(folder, contents):
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(FOLDER, documents())
    write(FOLDER / "rules", others())
