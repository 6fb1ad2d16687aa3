"""Lets the tests of this folder draw functions and arguments as those of `autodiff` do."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "autodiff"))
