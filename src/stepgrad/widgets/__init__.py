"""The widgets: thin anywidget classes over documents."""

from .ad_stepper import ADStepper
from .jacobian_inspector import JacobianInspector

__all__ = ["ADStepper", "JacobianInspector"]
