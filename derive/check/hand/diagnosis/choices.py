"""Several expressions in one place of a tree, evaluated all at once: which of them stands there is one index more."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

import numpy as np

from derive.check.hand.diagnosis.parts import Misfit, Part, spread
from derive.expressions import Axis

Kind = tuple[tuple[Axis, ...], bool]  # the axes of a value, and whether it is a row


class Choice(ast.expr):
    """A place that any of some expressions may take.

    Attributes:
        first: one of them, for who looks at names and subscripts.
        options: all of them.
        index: the name of the index that counts them.
        kind: the axes that they have; None where the first that has a value tells.
    """

    _fields = ("first",)

    def __init__(self, options: Sequence[ast.expr], index: str, kind: Kind | None) -> None:
        """A place for some expressions of one kind."""
        super().__init__()
        self.first, self.options = options[0], options
        self.index, self.kind = index, kind


def is_open(part: Part) -> bool:
    """Whether a value depends on what stands in some place."""
    return any(name.startswith("#") for name in part.over)


def stacked(choice: Choice, value: Callable[[ast.expr], Part | None]) -> Part:
    """The values of all expressions of a place; not a number where one has none here.

    Args:
        choice: the place.
        value: an expression's value in the scope of the place; None where it has none.

    Raises:
        Misfit: none of them has a value here.
    """
    parts = [value(option) for option in choice.options]
    kind = choice.kind or next((kind_of(part) for part in parts if part is not None), None)
    fitting = [part if part is not None and kind_of(part) == kind else None for part in parts]
    over = tuple(dict.fromkeys(name for part in fitting if part is not None for name in part.over))
    found = [None if part is None else spread(part, over) for part in fitting]
    shapes = [array.shape for array in found if array is not None]
    if not shapes or kind is None:
        raise Misfit
    made = np.full((len(found), *np.broadcast_shapes(*shapes)), np.nan)
    for n, array in enumerate(found):
        if array is not None:
            made[n] = array
    return Part((choice.index, *over), made, *kind)


def kind_of(part: Part) -> Kind:
    """The axes of a value, and whether it is a row."""
    return part.axes, part.row
