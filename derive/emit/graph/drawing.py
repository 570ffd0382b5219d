"""A picture together with the names it speaks of: what a notebook shows and a file holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from derive.emit.graph.picture import Picture
from derive.emit.graph.svg import svg
from derive.emit.graph.tikz import tikz
from derive.emit.latex.printer import Latex
from derive.emit.latex.text import escape
from derive.emit.render import render
from derive.errors import DeriveError, Fault
from derive.files import write_whole

FORMATS = (".svg", ".tex", ".tikz")


@dataclass(frozen=True, repr=False)
class Drawing:
    """A picture of a model.

    Attributes:
        picture: what is drawn.
        printer: how its mathematics is printed.
        name: the model's.
    """

    picture: Picture
    printer: Latex
    name: str

    def svg(self, style: Literal["file", "page"] = "file") -> str:
        """An SVG document, or the part of an HTML page."""
        return svg(self.picture, self.printer, style)

    def tikz(self) -> str:
        """A `tikzpicture` to be put into a LaTeX document; a comment names the packages that it needs."""
        comment = escape(self.name.replace("\n", " "))
        return render("latex/drawing.j2", name=comment, picture=tikz(self.picture, self.printer).rstrip())

    def text(self, path: Path) -> str:
        """What a file of that name holds.

        Raises:
            DeriveError: a file with this ending is not something that derive draws.
        """
        ending = path.suffix.lower()
        if ending not in FORMATS:
            hint = "give FILE.svg, or FILE.tex for TikZ; other programs make pixels of an SVG"
            raise DeriveError(Fault(f"{path}: derive draws no {ending or 'file without an ending'}", hint=hint))
        return self.svg() if ending == ".svg" else self.tikz()

    def save(self, path: str | Path) -> None:
        """Write FILE.svg, or FILE.tex with TikZ.

        Raises:
            DeriveError: a file with this ending is not something that derive draws.
            OSError: the file cannot be written.
        """
        write_whole(Path(path), self.text(Path(path)))

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        """What is shown where no picture can be."""
        return f"<drawing of {self.name}>"
