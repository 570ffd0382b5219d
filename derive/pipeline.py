"""The front door: models by name, from files and from text, and their modules in memory."""

from __future__ import annotations

import types

from derive.language import read
from derive.model import STYLES as STYLES
from derive.model import Gradient as Gradient
from derive.model import Model as Model
from derive.model import compiled
from derive.sources import path_of, spelled, text_of
from derive.sources import zoo as zoo


def load(name_or_path: str) -> Model:
    """A model of the zoo by name, or any by the path of its `.eq` file.

    Raises:
        DeriveError: no such model, or what is wrong in it.
        OSError: the file cannot be read.
    """
    path = path_of(name_or_path)
    return Model(read(text_of(path), str(path), spelled(path.stem)), str(path))


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
