"""The visual language that pictures and widgets share: colours and sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["THEMES", "Theme", "ThemeName", "colours_of"]

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a theme. Tangents are blue, adjoints vermillion; both hold 4.5:1 against the page."""

    ink: str
    soft: str
    line: str
    edge: str
    fill: str
    page: str
    tangent: str
    tangent_fill: str
    adjoint: str
    adjoint_fill: str

    def accent(self, mode: str) -> str:
        """The colour of what a mode computes."""
        return {"forward": self.tangent, "reverse": self.adjoint}.get(mode, self.ink)

    def accent_fill(self, mode: str) -> str:
        """The ground under what a mode computes now."""
        return {"forward": self.tangent_fill, "reverse": self.adjoint_fill}.get(mode, self.fill)


THEMES: dict[str, Theme] = {
    "light": Theme(
        ink="#1c2430",
        soft="#5b6675",
        line="#d6dbe2",
        edge="#b3bcc8",
        fill="#f5f7f9",
        page="#ffffff",
        tangent="#0072b2",
        tangent_fill="#e2f0f8",
        adjoint="#c24a00",
        adjoint_fill="#fbe9df",
    ),
    "dark": Theme(
        ink="#e8ecf1",
        soft="#a3adba",
        line="#3b4552",
        edge="#5a6675",
        fill="#1e252e",
        page="#141a21",
        tangent="#5db7ea",
        tangent_fill="#1b3242",
        adjoint="#ff9a5c",
        adjoint_fill="#3b2a20",
    ),
}


def colours_of(theme: str) -> Theme:
    """The colours of a theme; ValueError if there is no such theme."""
    if theme not in THEMES:
        raise ValueError(f'the theme must be "light" or "dark", not {theme!r}')
    return THEMES[theme]
