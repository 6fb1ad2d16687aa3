"""Gradients as programs: a function is recorded once, and the reverse sweep over it compiled.

The program is one for arguments of the example's structure, shapes and dtypes, and for the branches that the function
took. It checks all of that at every call; where something is otherwise, the function is recorded anew, and the program
that comes of it kept beside the others. So the result is always that of `grad`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...autodiff.derivatives import Arguments, grad, value_and_grad
from ...autodiff.tensor import Tensor, as_value
from ...autodiff.trees import flatten
from .recorded import NoProgram, Recording, outline, real

Function = Callable[..., Any]

MOST = 32
"""So many programs are kept for arguments of one kind."""


WAYS = ((True, True), (False, True), (False, False))
"""How a function is recorded: first comparisons are tried as part of the program, then their outcomes as something to
check; then all arguments that aren't differentiated by as constants, since f may want plain numbers there. The first
way counts whose program gives what `grad` gives.
"""

MISS = object()
"""What a program gives that isn't made for its arguments."""


def compile_grad(
    f: Function, *example_inputs: Any, argnums: int | Sequence[int] = 0, with_value: bool = False
) -> Function:
    """The gradient of a scalar function as a program, recorded and compiled once and called many times.

    What it gives is what `grad(f, argnums)` gives, for any arguments. Arguments of the structure, shapes and dtypes of
    the examples are fast. For others, and where a comparison in f would choose another branch, f is recorded once
    more; the new program is kept too. Numbers and arrays of real numbers are variables, whichever are differentiated
    by; other arguments (integers, texts, …) are constants, and a program is for the same ones alone.

    f is not called at every call: what it reads besides its arguments is what it was when f was recorded, and what it
    does besides giving its output isn't done again. `t.value` counts as such a constant too.

    Args:
        f: a function with one scalar output, written in ordinary NumPy.
        example_inputs: arguments to record it with.
        argnums: the argument to differentiate by, or several of them (then the gradient is a tuple).
        with_value: give (value, gradient), as `value_and_grad` does.

    Returns:
        A function of as many arguments as there are examples, by position. Its `source` is the program for the
        examples. It can be differentiated itself: then f is recorded as `grad` does.

    Raises:
        TypeError, ValueError: as `grad` does for these arguments; or no examples are given.
    """
    if not callable(f):
        raise TypeError(f"what can be compiled is a function, not {type(f).__name__}")
    if not example_inputs:
        raise ValueError("compile_grad needs an example of each argument: compile_grad(f, x)")
    return _Compiler(f, argnums, with_value).first(example_inputs)


class _Compiler:
    """Finds the program for given arguments, or makes it."""

    def __init__(self, f: Function, argnums: int | Sequence[int], with_value: bool) -> None:
        self.f = f
        self.chosen = Arguments(argnums)
        self.with_value = with_value
        self.exact = (value_and_grad if with_value else grad)(f, argnums)
        self.programs: dict[Any, list[Function]] = {}
        self.hopeless: set[Any] = set()
        """Structures of arguments for which f can be differentiated, but not written down."""

    def first(self, examples: tuple[Any, ...]) -> Function:
        """The function for arguments like the examples, which asks for others here."""
        self.chosen.restrict(self.f, examples, {})  # says so if there is no such argument
        recording = self._record(examples)
        compiled = self._compiled(recording, self) if recording and recording.is_plain else self.function()
        compiled.__name__ = compiled.__qualname__ = "gradient"
        compiled.__doc__ = f"The gradient of {getattr(self.f, '__name__', 'f')}, compiled."
        compiled.source = recording.source if recording else ""  # type: ignore[attr-defined]
        return compiled

    def function(self) -> Function:
        """What finds the program at every call, as a function."""
        return lambda *args: self(*args)  # noqa: PLW0108 - a function has a name and a docstring of its own

    def __call__(self, *args: Any) -> Any:
        """The gradient, by a program that there is already or by a new one."""
        self.chosen.restrict(self.f, args, {})
        if any(type(x) is Tensor for x in flatten(args)[0]):
            return self.exact(*args)  # inside another differentiation
        for again in (False, True):
            if again and self._record(args) is None:
                break
            values = self._values(args)
            for run in reversed(self.programs.get(outline(args), ())):
                result = run(*values)
                if result is not MISS:
                    return result
        return self.exact(*args)

    def _record(self, args: tuple[Any, ...]) -> Recording | None:
        """One program more, for these arguments; None where f can't be written down."""
        key = outline(args)
        if key in self.hopeless:
            return None
        expected = self.exact(*args)  # raises f's own errors
        values = self._values(args)
        for way in WAYS:
            try:
                recording = self._recording(args, *way)
            except NoProgram:
                return None
            if recording is None:
                continue
            run = self._compiled(recording, _miss)
            if _agree(run(*values), expected):
                known = self.programs.setdefault(key, [])
                known.append(run)
                del known[:-MOST]
                return recording
        self.hopeless.add(key)
        return None

    def _recording(self, args: tuple[Any, ...], symbolic: bool, others: bool) -> Recording | None:
        active = [i % len(args) for i in self.chosen.numbers]
        try:
            return Recording(self.f, args, active, self.chosen.single, self.with_value, symbolic, others)
        except NoProgram:
            raise
        except Exception:  # f has no errors with these arguments but those that this way brings
            return None

    def _compiled(self, recording: Recording, again: Function) -> Function:
        exact, build = self.exact, recording.build
        return recording.compiled(again, lambda *leaves: exact(*build(list(leaves))))

    def _values(self, args: tuple[Any, ...]) -> list[Any]:
        """The leaves of the arguments, as a program takes them."""
        active = [i % len(args) for i in self.chosen.numbers]
        return [
            as_value(x) if i in active else real(x) for i, argument in enumerate(args) for x in flatten(argument)[0]
        ]


def _miss(*_: Any) -> Any:
    return MISS


def _agree(found: Any, expected: Any) -> bool:
    """Whether a program gives what `grad` does, to rounding."""
    if found is MISS:
        return False
    for a, b in zip(flatten(found)[0], flatten(expected)[0], strict=True):
        largest = float(np.max(np.abs(b), initial=0.0, where=np.isfinite(b)))
        rounding = 1e4 * float(np.finfo(np.result_type(b)).eps)
        if not np.allclose(a, b, rtol=rounding, atol=rounding * max(largest, 1.0), equal_nan=True):
            return False
    return True
