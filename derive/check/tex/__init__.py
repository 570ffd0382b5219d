"""Derivations in LaTeX: their rows become the same claims that a `.hand.eq` file makes."""

from __future__ import annotations

from derive.check.hand import check_file
from derive.check.hand.result import HandReport
from derive.check.hand.vocabulary import Checkable
from derive.check.tex.reader import read_tex

__all__ = ["check_tex", "read_tex"]


def check_tex(model: Checkable, text: str, filename: str = "<text>", hints: bool = False) -> HandReport:
    """Check a derivation in LaTeX.

    Args:
        model: the model that it is about.
        text: the text of the file.
        filename: its name, for messages.
        hints: whether to say only where something is wrong.

    Raises:
        DeriveError: the package that reads LaTeX is not installed.
    """
    return check_file(model, read_tex(text, model, filename), hints)
