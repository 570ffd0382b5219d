"""The printed derivation as data: what a document says, in order, before it is TeX, HTML or text of a terminal."""

from derive.emit.derivation.rules import RULES, Rule
from derive.emit.derivation.stories import Stage, Story, gradient_stories, heading, rewritten_stories
from derive.emit.derivation.symbols import Shape, Symbol, symbols
from derive.emit.derivation.whole import Derivation, Part
from derive.emit.derivation.work import Kept, Row, Work, work

__all__ = [
    "RULES",
    "Derivation",
    "Kept",
    "Part",
    "Row",
    "Rule",
    "Shape",
    "Stage",
    "Story",
    "Symbol",
    "Work",
    "gradient_stories",
    "heading",
    "rewritten_stories",
    "symbols",
    "work",
]
