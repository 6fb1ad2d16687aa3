"""Step through automatic differentiation."""
