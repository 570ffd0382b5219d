"""`derive draw`: the circuit diagram of a model and its unfolded graph, as SVG or as TikZ."""

from __future__ import annotations

import sys
from pathlib import Path

from derive.cli.models import load
from derive.cli.outcome import Exit, print_json
from derive.files import write_whole


def draw_model(name: str, out: Path | None, unfold: int | None, gradient: bool, as_json: bool) -> int:
    """Print the SVG of a model, or write it to a file; a file that ends in `.tex` gets TikZ."""
    model = load(name)
    drawing = model.draw(unfold, gradient)
    if out is not None:
        write_whole(out, drawing.text(out))
        if as_json:
            print_json({"model": model.name, "files": [str(out)]})
        else:
            print(f"{out}  written")
    elif as_json:
        print_json({"model": model.name, "svg": drawing.svg()})
    else:
        sys.stdout.write(drawing.svg())
    return Exit.HOLDS
