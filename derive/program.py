"""The second representation: buffers, loops, and array statements that a printer only has to spell.

The dimensions of an array are named by the indices that run along them, so that no node depends on an order of axes
until it is printed. Everything is frozen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sympy

from derive.expressions import Index
from derive.system import Equation, Reduction, Variable


@dataclass(frozen=True)
class Buffer:
    """An array that a program makes.

    Attributes:
        variable: what it holds.
        first: the least cell of each axis; entry 0 of the array is that cell.
        extent: number of cells of each axis.
        zeros: whether it must start as zeros (nothing assigns all of it before it is added to).
        kept: whether it outlives the program, as a result or for the backward pass.
    """

    variable: Variable
    first: tuple[sympy.Expr, ...]
    extent: tuple[sympy.Expr, ...]
    zeros: bool = False
    kept: bool = False


@dataclass(frozen=True)
class Point:
    """A subscript that is one number: an end, a literal, a loop's index; counted from the buffer's first cell."""

    value: sympy.Expr


@dataclass(frozen=True)
class Span:
    """A subscript that runs with an index: entries `start..start+length-1` of an axis of `extent` entries."""

    index: Index
    start: sympy.Expr
    length: sympy.Expr
    extent: sympy.Expr


@dataclass(frozen=True)
class Gather:
    """A subscript that is looked up: integer data, as an array of its own, each plus `offset`."""

    entries: View
    offset: sympy.Expr = sympy.S.Zero


@dataclass(frozen=True)
class View:
    """A part of an array.

    Attributes:
        name: the variable's name.
        subscripts: one per axis of the array.
        dims: the indices that are left, in the order of the axes (gathered ones first where they are not adjacent).
    """

    name: str
    subscripts: tuple[Point | Span | Gather, ...]
    dims: tuple[Index, ...]


@dataclass(frozen=True)
class Scalar:
    """A number that is known when the function is called: literals and sizes."""

    value: sympy.Expr
    dims: tuple[Index, ...] = ()


@dataclass(frozen=True)
class Count:
    """The values of an index as numbers: `first..first+length-1`."""

    index: Index
    first: sympy.Expr
    length: sympy.Expr

    @property
    def dims(self) -> tuple[Index, ...]:
        """The index itself."""
        return (self.index,)


@dataclass(frozen=True)
class Apply:
    """A function of the table, or "add", "mul", "pow", element by element."""

    function: str
    arguments: tuple[Value, ...]
    dims: tuple[Index, ...]


@dataclass(frozen=True)
class Contract:
    """The sum over `over` of the product of two arrays: one matrix product."""

    left: Value
    right: Value
    over: tuple[Index, ...]
    dims: tuple[Index, ...]


@dataclass(frozen=True)
class Reduce:
    """An array reduced over some of its dimensions."""

    reduction: Reduction
    argument: Value
    over: tuple[Index, ...]
    dims: tuple[Index, ...]


Value = View | Scalar | Count | Apply | Contract | Reduce


def spans(value: Value) -> Iterator[Span]:
    """Every subscript in a value that runs with an index."""
    if isinstance(value, View):
        for subscript in value.subscripts:
            if isinstance(subscript, Span):
                yield subscript
            elif isinstance(subscript, Gather):
                yield from spans(subscript.entries)
    elif isinstance(value, Apply):
        for argument in value.arguments:
            yield from spans(argument)
    elif isinstance(value, Contract):
        yield from (*spans(value.left), *spans(value.right))
    elif isinstance(value, Reduce):
        yield from spans(value.argument)


def views(value: Value) -> Iterator[View]:
    """Every part of an array in a value, the arrays of look-ups too."""
    if isinstance(value, View):
        yield value
        for subscript in value.subscripts:
            if isinstance(subscript, Gather):
                yield from views(subscript.entries)
    elif isinstance(value, Apply):
        for argument in value.arguments:
            yield from views(argument)
    elif isinstance(value, Contract):
        yield from (*views(value.left), *views(value.right))
    elif isinstance(value, Reduce):
        yield from views(value.argument)


@dataclass(frozen=True)
class Assign:
    """`target = value`, `target += value`.

    Attributes:
        target: where it is written.
        value: what is written; its dims are among those of the target.
        adds: whether it adds to what is there.
        scatters: whether equal entries of the target may be written more than once.
        makes: whether the value is the whole of the array, so that the statement makes it.
        equation: what it carries out, for the comment above it.
        work: an array that it may write on its way.
    """

    target: View
    value: Value
    adds: bool
    scatters: bool
    makes: bool
    equation: Equation
    work: View | None = None


@dataclass(frozen=True)
class Stack:
    """Arrays of one shape as the entries of one array, along an axis of its own that comes first."""

    name: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Allocate:
    """An array that is written piece by piece."""

    buffer: Buffer


@dataclass(frozen=True)
class Loop:
    """`body` for `index = first..last`, or from last to first."""

    index: Index
    first: sympy.Expr
    last: sympy.Expr
    forward: bool
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class Only:
    """`body` where `low <= high`: the short ends of a loop, which a short sequence may not reach."""

    low: sympy.Expr
    high: sympy.Expr
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class Wanted:
    """`body` where one of these results is asked for."""

    names: tuple[str, ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class Given:
    """`body` where all of these optional arrays are given."""

    names: tuple[str, ...]
    body: tuple[Statement, ...]


Statement = Assign | Stack | Allocate | Loop | Only | Wanted | Given


def assigns(statements: Iterable[Statement]) -> Iterator[Assign]:
    """Every assignment, in loops and behind conditions too."""
    for statement in statements:
        if isinstance(statement, Assign):
            yield statement
        elif isinstance(statement, Loop | Only | Wanted | Given):
            yield from assigns(statement.body)


@dataclass(frozen=True)
class Part:
    """A variable that lies in an array of another name: entry `entry` of its first axis."""

    name: str
    whole: str
    entry: int


@dataclass(frozen=True)
class Program:
    """What one function does.

    Attributes:
        body: the statements, in order.
        buffers: every array that the body makes, by variable.
        parts: the variables that are stored inside another array.
        results: the variables that it leaves behind.
        reads: the variables that it is given.
        stacks: the arrays whose entries are variables.
        added: the equations of the variables that the schedule adds to the system's.
    """

    body: tuple[Statement, ...]
    buffers: tuple[Buffer, ...]
    parts: tuple[Part, ...]
    results: tuple[str, ...]
    reads: tuple[str, ...]
    stacks: tuple[Variable, ...] = ()
    added: tuple[Equation, ...] = ()
