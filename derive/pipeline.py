"""The front door: models by name, from files and from text, and their modules in memory."""

from __future__ import annotations

import types
from pathlib import Path

from derive.errors import DeriveError, Fault
from derive.language import read
from derive.model import STYLES as STYLES
from derive.model import Gradient as Gradient
from derive.model import Model as Model
from derive.model import compiled

ZOO = Path(__file__).parent / "models"


def zoo() -> list[str]:
    """The names of the models that come with derive."""
    return sorted(path.stem for path in ZOO.glob("*.eq"))


def load(name_or_path: str) -> Model:
    """A model of the zoo by name, or any by the path of its `.eq` file.

    Raises:
        DeriveError: no such model, or what is wrong in it.
        OSError: the file cannot be read.
    """
    path = Path(name_or_path)
    if path.suffix != ".eq" and not path.is_file():
        import difflib

        known = zoo()
        if name_or_path not in known:
            close = difflib.get_close_matches(name_or_path, known, 1)
            hint = (
                f"did you mean {close[0]!r}?"
                if close
                else f"the zoo has {', '.join(known)}; or give the path of an .eq file"
            )
            raise DeriveError(Fault(f"there is no model {name_or_path!r}", hint=hint))
        path = ZOO / f"{name_or_path}.eq"
    if not path.is_file():
        raise DeriveError(Fault(f"there is no file {str(path)!r}"))
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DeriveError(Fault(f"{path}: byte {error.start} is not UTF-8", hint="save the file as UTF-8")) from None
    return Model(read(text, str(path), path.stem), str(path))


def parse(text: str, name: str = "model") -> Model:
    """A model from its text.

    Raises:
        DeriveError: what is wrong in it.
    """
    return Model(read(text, "<text>", name))


def compile(model: Model | str, style: str = "fast") -> types.ModuleType:
    """The generated module, in memory.

    Args:
        model: a model, or its name or path.
        style: `fast` or `plain`.
    """
    return compiled(load(model) if isinstance(model, str) else model, style)
