"""The widgets: thin anywidget classes over documents."""

from .ad_stepper import ADStepper
from .flip_and_slide import FlipAndSlide
from .jacobian_inspector import JacobianInspector

__all__ = ["ADStepper", "FlipAndSlide", "JacobianInspector"]
