"""The widgets: thin anywidget classes over documents."""

from .ad_stepper import ADStepper

__all__ = ["ADStepper"]
