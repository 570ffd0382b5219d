"""A page of pages: every model with its title and its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derive.emit.html.letters import visible
from derive.emit.html.pictures import thumbnail
from derive.emit.latex.names import Names
from derive.emit.latex.printer import Latex
from derive.emit.render import render
from derive.system import System


@dataclass(frozen=True)
class Entry:
    """A model of the index.

    Attributes:
        system: the model as its file says it.
        title: the first line of what the file says of it.
        page: the name of its page's file.
    """

    system: System
    title: str
    page: str


def index(entries: Sequence[Entry]) -> str:
    """An HTML page that needs nothing but itself, and leads to a page for each model.

    Args:
        entries: the models, in the order of printing.
    """
    models = [(entry, thumbnail(entry.system, Latex(Names(entry.system)))) for entry in entries]
    return visible(render("html/index.j2", models=models))
