"""Models and their gradients as HTML pages that need nothing but themselves."""

from derive.emit.html.index import Entry, index
from derive.emit.html.page import Code, page
from derive.emit.html.verified import Checked, checked
from derive.emit.latex import Options

__all__ = ["Checked", "Code", "Entry", "Options", "checked", "index", "page"]
