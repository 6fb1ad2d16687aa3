"""Sweeps as readable NumPy programs."""

from .program import Line, Program, program

__all__ = ["Line", "Program", "program"]
