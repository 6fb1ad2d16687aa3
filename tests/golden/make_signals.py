"""Writes tests/golden/signals/*.json: slides of one signal over another that the browser must tell as Python does.

Run it after a change of the document or of a signal, and read the difference before committing it:

    python tests/golden/make_signals.py
"""

import json
from pathlib import Path

import numpy as np

from stepgrad.widgets import FlipAndSlide

FOLDER = Path(__file__).with_name("signals")
NUMBERS = np.random.default_rng(10).integers(-4, 5, 40) / 2

CASES = {
    "integers": (([1, 2, 3, 4], [1, 0, -1]), {}),
    "correlated": (([1, 2, 3, 4], [1, 0, -1]), {"flip": False, "position": 8}),
    "same_centred": ((NUMBERS[:9], NUMBERS[20:25]), {"mode": "same", "centred": True}),
    "same_even": ((NUMBERS[:9], NUMBERS[20:24]), {"mode": "same", "centred": True, "flip": False}),
    "valid": ((NUMBERS[:9], NUMBERS[20:24]), {"mode": "valid"}),
    "valid_correlated": ((NUMBERS[:9], NUMBERS[20:24]), {"mode": "valid", "flip": False, "position": 7}),
    "valid_swapped": ((NUMBERS[:3], NUMBERS[20:27]), {"mode": "valid"}),
    "same_short": ((NUMBERS[:3], NUMBERS[20:27]), {"mode": "same"}),
    "one_sample": (([2.5], [-1.5]), {}),
    "again": (([1, 1, 1], [0.5, 0.5]), {"again": 4, "position": 9}),
    "named_samples": (("steps", "gaussian"), {"kind": "discrete", "position": 2}),
    "named_ramp": (("triangle", "ramp"), {"kind": "discrete", "flip": False, "again": 1}),
    "boxes": (("box", "box"), {}),
    "boxes_again": (("box", "box"), {"again": 3, "position": 60}),
    "steps_edge": (("steps", "edge"), {"position": 40}),
    "steps_ramp_correlated": (("steps", "ramp"), {"flip": False, "position": 70}),
    "gaussians": (("gaussian", "gaussian"), {}),
    "box_exponential": (("box", "exponential"), {"position": 100}),
    "few_points": (([0, 1, -0.5, 0.25], "ramp"), {"kind": "continuous"}),
    "many_points": ((NUMBERS[:33], "box"), {"kind": "continuous", "flip": False, "position": 30}),
}


def golden(name):
    """The traits of a widget, and the document that it makes of them."""
    arguments, options = CASES[name]
    widget = FlipAndSlide(*arguments, **options)
    traits = (
        "signal", "kernel", "signal_samples", "kernel_samples", "kind", "flip", "mode", "centred", "again", "position",
    )  # fmt: skip
    return {"traits": {trait: getattr(widget, trait) for trait in traits}, "document": widget.document()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in CASES:
        text = json.dumps(golden(name), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
