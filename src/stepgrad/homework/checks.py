"""Checks of what a learner wrote: they never stop a notebook, and say in sentences what is right and what is not."""

from __future__ import annotations

import html
import math
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np


def number(answer: Any) -> float:
    """An answer as a float, from whatever kind of number it is.

    Raises:
        TypeError: it is text.
        ValueError: it holds several entries, is no number, or is not finite. The sentence says what it is instead.
    """
    if isinstance(answer, (list, tuple, np.ndarray)):
        entries = np.array(answer, dtype=object).ravel()
        if len(entries) != 1:
            comma = " A comma separates entries in Python: write 10_000, not 10,000." if type(answer) is tuple else ""
            raise ValueError(f"This holds {len(entries)} entries, {answer}; one number is asked for.{comma}")
        answer = entries[0]
    if isinstance(answer, str):
        raise TypeError(f"This is the text {answer!r}: write a number, without quotation marks.")
    if isinstance(answer, (complex, np.complexfloating)):
        raise TypeError(f"{answer!r} is a complex number; a real one is asked for.")
    try:
        value = float(answer)
    except OverflowError:
        raise ValueError("This number is too large for a float.") from None
    except (TypeError, ValueError):
        raise ValueError(f"{answer!r} is not a number.") from None
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number.")
    return value


def check_number(what: str, answer: Any, truth: float, hint: str, within: float = 0.0) -> None:
    """Say whether an answer is right.

    Args:
        what: what was asked for.
        answer: what the learner wrote; `...` where there is nothing yet.
        truth: the right number.
        hint: a sentence for whoever is wrong.
        within: how far from the truth an answer may be; 0 asks for the exact number.
    """
    if answer is ...:
        print(f"{what}: still to be answered.")
        return
    try:
        value = number(answer)
    except (TypeError, ValueError) as complaint:
        print(f"{what}: not right yet. {complaint}")
        return
    if abs(value - truth) > within:
        asked = f"an answer within {within:g} of the true value" if within else "the exact number"
        print(f"{what}: not right yet. You wrote {value:,.10g}; {asked} is asked for. {hint}")
    elif within:
        print(f"{what}: right. Your {value:,.10g} is within {within:g} of the true value, {truth:,.8g}.")
    else:
        print(f"{what}: right. It is exactly {truth:,}.")


def check_array(what: str, answer: Any, truth: np.ndarray, hint: Callable[[tuple[int, ...]], str]) -> None:
    """Say whether an array is right; if it isn't, where it is wrong first.

    Args:
        what: what was asked for.
        answer: what the learner wrote; `...` where there is nothing yet.
        truth: the right array.
        hint: gives a sentence for the place, an index, that is wrong first.
    """
    if answer is ...:
        print(f"{what}: still to be answered.")
        return
    try:
        yours = _floats(answer)
    except (TypeError, ValueError, OverflowError):
        print(f"{what}: not right yet. This is not an array of numbers: {answer!r}.")
        return
    if yours.shape != truth.shape:
        turned = " It lies on its side: transpose it." if truth.ndim == 2 and yours.shape == truth.T.shape else ""
        print(f"{what}: not right yet. Its shape should be {truth.shape}, yours is {yours.shape}.{turned}")
        return
    wrong = np.argwhere(~np.isclose(yours, truth))
    if len(wrong) == 0:
        print(f"{what}: right, all {truth.size} entries.")
        return
    place = tuple(int(k) for k in wrong[0])
    many = f"{len(wrong)} of {truth.size} entries are wrong, the first" if len(wrong) > 1 else "Wrong is the one"
    print(f"{what}: not right yet. {many} at {list(place)}: {yours[place]:.4g}. {hint(place)}")


def _floats(answer: Any) -> np.ndarray:
    """An answer as an array of floats; None and text are no numbers, though NumPy makes numbers of them.

    Raises:
        TypeError, ValueError, OverflowError: it is none.
    """
    if any(entry is None or isinstance(entry, (str, bytes, complex)) for entry in np.array(answer, dtype=object).flat):
        raise TypeError("an entry is not a real number")
    return np.array(answer, dtype=float)


def array_of(answer: Any, shape: tuple[int, ...]) -> np.ndarray | None:
    """An answer as an array of floats, if it is one of this shape; else None, and `check_array` says why."""
    try:
        array = _floats(answer)
    except (TypeError, ValueError, OverflowError):
        return None
    return array if array.shape == shape else None


def attempt(what: str, call: Callable[[], Any]) -> Any:
    """What a call of the learner's code gives; None and a sentence, if it gives nothing or stops with an error.

    What stops at a `...` that is left in it is still to be written.
    """
    try:
        result = call()
    except Exception as error:  # whatever a learner's code does: it is told, and the notebook goes on
        if isinstance(error, TypeError) and "ellipsis" in str(error):
            print(f"{what}: still to be written, or a `...` is left in it.")
            return None
        line, name = _place(error, call)
        where = f"line {line} of the cell, in {name}"
        print(f"{what}: not right yet. Python stopped at {where}: {type(error).__name__}: {error}.")
        return None
    if result is None:
        print(f"{what}: not right yet. Nothing comes back: is a return missing?")
    return result


def _place(error: Exception, call: Callable[[], Any]) -> tuple[int, str]:
    """The line and the function where a learner's code stopped: the last one in a cell, not in a library it calls."""
    modules = {"__main__", getattr(call, "__module__", None)}
    frames = list(traceback.walk_tb(error.__traceback__))
    cells = [each for each in frames if each[0].f_globals.get("__name__", "__main__") in modules]
    frame, line = (cells or frames)[-1]
    return line, frame.f_code.co_name


def tally(widget: Any, sweep: Any) -> None:
    """Say how the predictions of a sweep's derivatives went, counting every step once.

    Args:
        widget: an ADStepper, whose `answers` are counted.
        sweep: the Sweep that it asked about.
    """
    first, later, passed, steps = 0, 0, 0, 0
    for position, step in enumerate(sweep.steps):
        if step.phase == "primal":
            continue
        key = (position, step.phase, step.node)
        tries = [a for a in widget.answers if (a["position"], a["phase"], a["node"]) == key]
        steps += 1
        if tries and tries[0]["correct"]:
            first += 1
        elif any(a["correct"] for a in tries):
            later += 1
        elif any(a["skipped"] for a in tries):
            passed += 1
    print(f"Of the {steps} steps you predicted {first} rightly at the first try, and {later} at a later one.")
    print(f"Skipped or revealed: {passed}. Still to be answered: {steps - first - later - passed}.")


def fold(title: str, lines: Any) -> None:
    """Show text that opens at a click on its title; where there is no HTML, the text itself."""
    from IPython.display import display

    text = lines if isinstance(lines, str) else "\n".join(lines)
    folded = f"<details><summary>{html.escape(title)}</summary><pre>{html.escape(text)}</pre></details>"
    display({"text/html": folded, "text/plain": f"{title}\n\n{text}"}, raw=True)
