"""Sweeps as readable NumPy programs, and the reverse one compiled."""

from .compiled import compile_grad
from .program import Line, Program, program

__all__ = ["Line", "Program", "compile_grad", "program"]
