"""Temporaries of a Program: arrays for what a statement computes on its way, shared by those of the same shape."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sympy

from derive.expressions import Axis, Index
from derive.program import Apply, Buffer, Contract, Count, Reduce, Span, Value, View, spans
from derive.system import Role, Variable

Shape = tuple[sympy.Expr, ...]
_NAME = "tmp."


@dataclass
class Pool:
    """Temporaries by their shape; what one statement has released the next one takes.

    Attributes:
        made: every temporary, in the order in which they were first needed.
    """

    made: dict[str, Buffer] = field(default_factory=dict)
    _idle: dict[Shape, list[tuple[int, str]]] = field(default_factory=dict)
    _place: dict[str, int] = field(default_factory=dict)
    _prefix: str = ""

    def inside(self) -> Pool:
        """A pool for statements that run only on request: what it makes is not there for others."""
        return Pool(_prefix=f"{self._prefix}{len(self.made)}.")

    def take(self, shape: Shape) -> str:
        """The name of a temporary that nothing uses now."""
        idle = self._idle.setdefault(shape, [])
        if idle:
            return heapq.heappop(idle)[1]
        name = f"{_NAME}{self._prefix}{len(self.made)}"
        variable = Variable(name, Role.VAR, tuple(Axis(extent) for extent in shape))
        self._place[name] = len(self.made)
        self.made[name] = Buffer(variable, tuple(sympy.Integer(0) for _ in shape), shape)
        return name

    def release(self, name: str) -> None:
        """Give it back; the one that was made first is taken first."""
        heapq.heappush(self._idle[self.made[name].extent], (self._place[name], name))


def is_temporary(name: str) -> bool:
    """Whether a name is a temporary's."""
    return name.startswith(_NAME)


def temporary(name: str, dims: Iterable[Index], lengths: Mapping[Index, sympy.Expr]) -> View:
    """The whole of a temporary."""
    dims = tuple(dims)
    whole = tuple(Span(i, sympy.Integer(0), lengths[i], lengths[i]) for i in dims)
    return View(name, whole, dims)


def lengths_of(*values: Value) -> dict[Index, sympy.Expr]:
    """How many entries each dimension has."""
    found: dict[Index, sympy.Expr] = {}
    for value in values:
        for span in spans(value):
            found.setdefault(span.index, span.length)
        for count in counts(value):
            found.setdefault(count.index, count.length)
    return found


def counts(value: Value) -> Iterable[Count]:
    """Every index in a value that is taken as a number."""
    if isinstance(value, Count):
        yield value
    elif isinstance(value, Apply):
        for argument in value.arguments:
            yield from counts(argument)
    elif isinstance(value, Contract):
        yield from (*counts(value.left), *counts(value.right))
    elif isinstance(value, Reduce):
        yield from counts(value.argument)
