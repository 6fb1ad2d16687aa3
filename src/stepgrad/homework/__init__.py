"""What cells of lectures and homework call: checks that say in sentences what is right, and folded answers."""

from .checks import attempt, check_array, check_number, fold, number, tally

__all__ = ["attempt", "check_array", "check_number", "fold", "number", "tally"]
