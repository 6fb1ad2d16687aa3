"""Numbers and names as they are printed: rounding for display, labels with subscripts, tangents and adjoints.

``widgets/src/math/notation.ts`` is the twin of this module; ``tests/golden/formulas.json`` holds them together.
"""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal, TypeAlias

Style: TypeAlias = Literal["text", "latex"]
Accent: TypeAlias = Literal["dot", "bar"]

HOLE = "□"
"""The variable that stands for the tangent or cotangent in the formula of a linear map."""


def number(value: float, style: Style = "text") -> str:
    """Round a number for display.

    At most three decimals; three significant digits below 0.1; scientific notation below 10⁻³ and from 10⁵ on.
    Exact binary ties round away from zero, as ``toFixed`` does in a browser. NaN and the infinities are printed too.
    In ``"text"`` the minus is U+2212.
    """
    flat = style == "text"
    value = float(value)
    if math.isnan(value):
        return "NaN" if flat else r"\mathrm{NaN}"
    sign = ("−" if flat else "-") if value < 0 else ""
    size = abs(value)
    if math.isinf(size):
        return sign + ("∞" if flat else r"\infty")
    if size == 0:
        return "0"
    exact = Decimal(size)
    if is_scientific(size):
        rounded = Context(prec=3, rounding=ROUND_HALF_UP).create_decimal(exact)
        exponent = rounded.adjusted()
        digits = _strip(f"{rounded.scaleb(-exponent):f}")
        power = f"×10{raised(exponent)}" if flat else rf" \times 10^{{{exponent}}}"
        return sign + digits + power
    if size < 0.1:
        rounded = Context(prec=3, rounding=ROUND_HALF_UP).create_decimal(exact)
    else:
        rounded = exact.quantize(Decimal("0.001"), rounding=ROUND_HALF_UP)
    return sign + _strip(f"{rounded:f}")


def is_scientific(size: float) -> bool:
    """Tell whether a number that is not negative is printed as a product with a power of ten."""
    return math.isfinite(size) and size != 0 and not 1e-3 <= size < 1e5


def _strip(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def raised(integer: int) -> str:
    """Write an integer in superscript digits."""
    return str(integer).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))


_GREEK_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega
Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
_GREEK = dict(zip(_GREEK_NAMES.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True))
_LETTERS = {letter: name for name, letter in _GREEK.items()}
_LABEL = re.compile(r"([A-Za-zÀ-ɏͰ-Ͽ]+)([0-9]*)((?:_[A-Za-z0-9]+)*)_*")


def _parse(label: str) -> tuple[str, list[str]]:
    """Split a label into its letters and its subscripts; an unusual label is all base."""
    match = _LABEL.fullmatch(label)
    if match is None:
        return label, []
    base, digits, rest = match.groups()
    parts = rest.split("_")[1:]
    return base, [digits, *parts] if digits else parts


def label_text(label: str, accent: Accent | None = None) -> str:
    """Print a label on one line: ``x1`` as x₁, ``theta`` as θ; with ``accent`` its tangent ẋ₁ or adjoint x̄₁."""
    base, subscripts = _parse(label)
    base = _GREEK.get(base, base)
    if accent is not None:
        base = unicodedata.normalize("NFC", base[:1] + ("\u0307" if accent == "dot" else "\u0304")) + base[1:]
    for index, part in enumerate(subscripts):
        if index == 0 and part.isdigit():
            base += part.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
        else:
            base += "_" + _GREEK.get(part, part)
    return base


def label_latex(label: str, accent: Accent | None = None) -> str:
    r"""Set a label in LaTeX: ``x1`` as ``x_1``, ``w_in`` as ``w_{\mathrm{in}}``, an adjoint as ``\bar{x}_1``."""
    name, subscripts = _parse(label)
    base = _upright(name)
    if accent is not None:
        over = accent if accent == "dot" or not base.startswith(r"\mathrm") else "overline"
        base = rf"\{over}{{{base}}}"
    return base + (f"_{braced(','.join(map(_upright, subscripts)))}" if subscripts else "")


def _upright(word: str) -> str:
    if word == HOLE:
        return r"\square"
    greek = word if word in _GREEK else _LETTERS.get(word)
    if greek is not None:
        return "\\" + greek
    if re.fullmatch(r"[A-Za-zÀ-ɏͰ-Ͽ]|[0-9]+", word):
        return word
    return rf"\mathrm{{{escaped(word)}}}"


def escaped(word: str) -> str:
    """Make any word harmless in LaTeX."""
    return re.sub(r"([#$%&_{}])", r"\\\1", re.sub(r"[\\^~]", "", word))


def braced(inside: str) -> str:
    """Put more than one character in braces, as a LaTeX index or exponent needs it."""
    return inside if len(inside) == 1 else f"{{{inside}}}"
