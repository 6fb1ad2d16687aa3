"""What cells of lectures and homework call: checks that say in sentences what is right, and folded answers."""

from .checks import array_of, attempt, check_array, check_number, fold, number, tally

__all__ = ["array_of", "attempt", "check_array", "check_number", "fold", "number", "tally"]
