"""The widgets: thin anywidget classes over documents."""

from .ad_stepper import ADStepper
from .conv_slider import ConvSlider
from .convolution_theorem import ConvolutionTheorem
from .flip_and_slide import FlipAndSlide
from .graph_explorer import GraphExplorer
from .jacobian_inspector import JacobianInspector
from .parameter_counter import ParameterCounter

__all__ = [
    "ADStepper", "ConvSlider", "ConvolutionTheorem", "FlipAndSlide", "GraphExplorer", "JacobianInspector",
    "ParameterCounter",
]  # fmt: skip
