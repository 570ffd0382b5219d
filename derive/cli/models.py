"""`derive list`, `new` and `show`: the zoo, a file to start from, and a model's equations."""

from __future__ import annotations

import keyword
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from derive.cli.outcome import Exit, is_unicode, print_json, warn
from derive.errors import DeriveError, Fault
from derive.files import write_whole
from derive.sources import path_of, text_of, title, zoo

if TYPE_CHECKING:
    from derive.emit.notation import Notation
    from derive.pipeline import Model
    from derive.system import Equation


def load(name: str) -> Model:
    """The model of that name or path.

    Raises:
        DeriveError: there is none, its file cannot be opened, or what it says is wrong.
    """
    from derive import pipeline

    try:
        return pipeline.load(name)
    except OSError as error:
        raise DeriveError(Fault(f"{name}: {error.strerror or error}")) from None


def list_zoo(as_json: bool) -> int:
    """Print each model's name and the first line of its docstring."""
    titles = {name: title(text_of(path_of(name))) for name in zoo()}
    if as_json:
        print_json([{"model": name, "title": line} for name, line in titles.items()])
    else:
        width = max(map(len, titles), default=0)
        for name, line in titles.items():
            print(f"{name:<{width}}  {line}")
    return Exit.HOLDS


def new_model(name: str, origin: str, as_json: bool) -> int:
    """Write a copy of a model under a new name."""
    path = Path(name if name.endswith(".eq") else f"{name}.eq")
    if not (path.stem.isascii() and path.stem.isidentifier()) or keyword.iskeyword(path.stem):
        hint = "letters, digits and _: the generated module gets the same name"
        raise DeriveError(Fault(f"{path.stem} cannot be a model's name", hint=hint))
    source = load(origin).source
    if os.path.lexists(path):
        raise DeriveError(Fault(f"{path} is there already", hint="choose another name"))
    write_whole(path, source)
    if as_json:
        print_json({"file": str(path), "from": origin})
    else:
        print(f"{path}  written, from {origin}; change it, then: derive verify {path} && derive generate {path}")
    return Exit.HOLDS


def show_model(name: str, gradient: bool, notation: Notation, as_json: bool) -> int:
    """Print the equations, in Unicode mathematics where the terminal can show it."""
    model = load(name)
    definitions: tuple[Equation, ...] = ()
    if gradient:
        derived = model.gradient()
        system, equations, definitions = derived.system, derived.equations, derived.definitions
    else:
        system, equations = model.system, model.system.equations
    from derive.emit.notation import render

    unicode = is_unicode(sys.stdout) and not as_json
    lines = render(system, equations, notation, unicode=unicode)
    where = _spoken_of(render(system, definitions, notation, unicode=unicode), lines)
    if as_json:
        answer = {"model": model.name, "gradient": gradient, "notation": notation, "equations": lines}
        print_json({**answer, "where": where} if gradient else answer)
    else:
        print("\n".join(lines))
        if where:
            print("\nwhere\n" + "\n".join(where))
        if gradient:
            warn(name, model.warnings())
    return Exit.HOLDS


def _spoken_of(definitions: list[str], lines: list[str]) -> list[str]:
    """The definitions of names that other lines hold: notation may have put something shorter in their place."""
    kept: list[str] = []
    for line in reversed(definitions):
        name = re.split(r"[\[ ]", line, maxsplit=1)[0]
        if any(name in other for other in (*lines, *kept)):
            kept.insert(0, line)
    return kept
