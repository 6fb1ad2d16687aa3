"""From a function to its graph and the steps of its sweeps, with the formulas that people read."""

from .graph import Cost, Edge, Graph, Node
from .recording import trace
from .sweep import Step, Sweep

__all__ = ["Cost", "Edge", "Graph", "Node", "Step", "Sweep", "trace"]
