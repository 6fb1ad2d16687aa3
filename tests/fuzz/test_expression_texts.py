"""No text makes `stepgrad.expression` do anything but read it or refuse it, within 50 ms."""

import runpy
from pathlib import Path


def test_random_and_adversarial_texts():
    fuzz = runpy.run_path(str(Path(__file__).with_name("expression_texts.py")))
    outcome = fuzz["run"](20_000, seed=2)
    assert outcome.wrong == []
    assert outcome.slowest[0][0] < 0.05
    assert min(outcome.counts["read"], outcome.counts["refused"]) > 2_000
