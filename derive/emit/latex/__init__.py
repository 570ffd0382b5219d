"""Models and their gradients as LaTeX."""

from derive.emit.latex.document import Options, document, fragment

__all__ = ["Options", "document", "fragment"]
