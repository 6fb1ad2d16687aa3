"""Random and adversarial texts for `stepgrad.expression`: each must be read or be refused by ExpressionError, quickly.

`python tests/fuzz/expression_texts.py [count] [seed]` tries `count` texts (100,000 by default) and prints what came
of them, with the slowest. The suite tries fewer (test_expression_texts.py).
"""

from __future__ import annotations

import gc
import random
import string
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from stepgrad.expressions import Expression, ExpressionError, expression

PYTHON = """
** // -> := ... **= += == <= << \'\'\' f' b" 0x 0b 0o 1e 1j 1_ _1 __ e9 E-9 lambda if else
for in is not and or await async yield import
None True False def class print match case __import__ eval exec open os.system __class__ __builtins__ globals() exit
"""
FORMULAS = """
sin cos exp log max min abs relu sigmoid clip hypot sqrt tanh np. np math. numpy.sin pi e x1 x2 theta θ π x y
1e999 1e-999 9e307 0.1 00 007 10**10**10 -0 1. .5 . 1..2 1e+ 2x 2(x) x(y)
"""
CHARACTERS = (
    "+-*/()., ^=<>!%&|~@;:'\"\\#$?`[]{}_0123456789xyzeEjJ\n\r\t\v\f\x00\x01\x1b\x7f\ud800\udfff\U0010ffff"
    "×·÷−²³√∞≤ⁿ₁₂½⅓٣५𝟙ﬁßıİ𝓍жЖ中文🎉\u200b\u200e\u202e\ufeff\u0301\xa0\u2028"
)
PIECES = [*PYTHON.split(), *FORMULAS.split(), *CHARACTERS, "\r\n", "# ", "\\\n", "  "] + [c * 50 for c in "9x()-"]

STARTS = [
    "x1*x2 + sin(x1)",
    "log(x1) + x1*x2 - sin(x2)",
    "max(0, w*x + b)**2/2",
    "1/(1 + exp(-(w0*x0 + w1*x1 + w2)))",
    "sqrt(x**2 + y**2)*clip(z, -1, 1)",
    "x₁·x₂ − π×θ",
    "np.tanh(2.5e-3*x)/hypot(a, b)",
]


def corrupted(draw: random.Random) -> str:
    """A good text with a few characters taken out, put in, or swapped."""
    text = list(draw.choice(STARTS))
    for _ in range(draw.randint(1, 4)):
        i = draw.randrange(len(text) + 1)
        text[i : i + draw.randint(0, 2)] = draw.choice([[], [draw.choice(PIECES)], [draw.choice(string.printable)]])
    return "".join(text)


def soup(draw: random.Random) -> str:
    """Pieces of Python, one after the other."""
    return draw.choice(["", "", " "]).join(draw.choices(PIECES, k=draw.randint(0, 30)))


def characters(draw: random.Random) -> str:
    """Any code points at all, also those that are no characters."""
    top = draw.choice([0x7F, 0x250, 0x2FFF, 0xFFFF, 0x10FFFF])
    return "".join(chr(draw.randint(0, top)) for _ in range(draw.randint(0, 40)))


def repeated(draw: random.Random) -> str:
    """One or two pieces over and over, as long as is allowed and longer: what parsers choke on."""
    piece = "".join(draw.choices(PIECES, k=draw.randint(1, 3)))
    times = draw.choice([99, 100, 101, 200, 500, 1000, 2000, 5000])
    return draw.choice(["", "x", "("]) + piece * times + draw.choice(["", "x", "x" + ")" * min(times, 300)])


def formula(draw: random.Random, depth: int = 6) -> str:
    """A text that is right, often a long one."""
    if depth == 0 or draw.random() < 0.15:
        return draw.choice(["x", "y", "x1", "x2", "θ", "pi", "e", "2", "0.5", "1e3", "1e300", "0"])
    inner = [formula(draw, depth - 1) for _ in range(2)]
    return draw.choice(
        ["{} + {}", "{} - {}", "{}*{}", "{}/{}", "{}**{}", "({})*({})", "sin({})", "-{}", "max({}, {})", "exp({})/{}"]
    ).format(*inner)


def edges(draw: random.Random) -> str:
    """Near the bounds on length, depth and digits."""
    n = draw.choice([98, 99, 100, 101, 102])
    size = draw.choice([39, 40, 41])
    return draw.choice(
        [
            "(" * n + "x" + ")" * n,
            "sin(" * n + "x" + ")" * n,
            "max(x," * n + "x" + ")" * n,
            "-" * n + "x",
            "**".join("x" * n),
            "2**" * n + "2",
            "-(" * (n // 2) + "x" + ")" * (n // 2),
            "+".join("x" * draw.choice([999, 1000, 1001])),
            "*".join(f"(x+{i})" for i in range(draw.choice([200, 250, 300]))),
            "max(" + ",".join("x" * draw.choice([900, 1000])) + ")",
            draw.choice("0123456789") * size,
            draw.choice("xπθ_") * size,
            "1e" + "9" * size,
            "0." + "0" * size + "1",
            "10**" * n + "10",
            "9" * 40 + "**" + "9" * 40,
            "x" + " " * draw.choice([1990, 1999, 2000]),
            "9**9**9**9**9*x",
        ]
    )


KINDS: list[Callable[[random.Random], str]] = [
    corrupted,
    corrupted,
    corrupted,
    soup,
    soup,
    characters,
    formula,
    repeated,
    edges,
]


def texts(count: int, seed: int) -> Iterator[str]:
    """`count` texts of every kind."""
    draw = random.Random(seed)
    for _ in range(count):
        yield draw.choice(KINDS)(draw)


class Outcome(NamedTuple):
    """What came of the texts."""

    counts: Counter[str]
    slowest: list[tuple[float, str]]
    wrong: list[tuple[str, Any]]


def run(count: int, seed: int) -> Outcome:
    """Try `count` texts. Warnings are errors."""
    counts: Counter[str] = Counter()
    slowest: list[tuple[float, str]] = []
    wrong: list[tuple[str, Any]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for text in texts(count, seed):
            seconds, outcome = attempt(text)
            counts["refused" if isinstance(outcome, Exception) else "read"] += 1
            if not (is_helpful(outcome, text) if isinstance(outcome, Exception) else works(outcome)):
                wrong.append((text, outcome))
            slowest = sorted([*slowest, (seconds, text)], reverse=True)[:5]
    return Outcome(counts, slowest, wrong)


def attempt(text: str) -> tuple[float, Any]:
    """The seconds it took, and the expression or the exception.

    Counted is the time of this thread alone, without garbage collection: neither what else the machine does nor what
    else is in memory matters.
    """
    gc.disable()
    start = time.thread_time()
    try:
        outcome: Any = expression(text)
    except Exception as error:  # what else is raised is what we look for
        outcome = error
    seconds = time.thread_time() - start
    gc.enable()
    return seconds, outcome


def works(f: Expression) -> bool:
    """Whether it can be called, and its operations are in the text."""
    spans = [span for _, span in f.operations]
    return type(f(*(1.5 for _ in f.variables))) is float and all(0 <= a < b <= len(f.text) for a, b in spans)


def is_helpful(error: Exception, text: str) -> bool:
    """Whether it is an ExpressionError with one sentence and a column in the text."""
    if not isinstance(error, ExpressionError):
        return False
    sentence = str(error)
    sentence.encode()
    error.display().encode()
    return 0 <= error.column <= len(text) and error.text == text and "\n" not in sentence and sentence[-1] in ".?"


if __name__ == "__main__":
    begun = time.perf_counter()
    result = run(int(next(iter(sys.argv[1:]), 100_000)), int(next(iter(sys.argv[2:]), 1)))
    print(dict(result.counts), f"in {time.perf_counter() - begun:.0f} s")
    for taken, slow in result.slowest:
        print(f"{1e3 * taken:7.2f} ms  {slow[:60]!a}  ({len(slow)} characters)")
    for bad, problem in result.wrong[:20]:
        print("WRONG", ascii(bad[:200]), ascii(problem))
    sys.exit(bool(result.wrong) or result.slowest[0][0] > 0.05)
