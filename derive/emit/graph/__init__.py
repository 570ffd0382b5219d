"""Pictures of networks: the circuit, and the graph unfolded over a few steps."""

from derive.emit.graph.folded import folded
from derive.emit.graph.unfolded import unfolded

__all__ = ["folded", "unfolded"]
