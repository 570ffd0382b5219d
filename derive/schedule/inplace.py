"""A Program whose statements are single operations on arrays that are there already, as `np.multiply(a, b, out=c)`.

Every array is made before it is written, so that whoever calls again with the same sizes can give the same arrays. What
no operation of NumPy writes into a given array (a look-up over several axes, entries added one by one, a range whose
length changes from step to step) stays the expression that it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import sympy

from derive.affine import at_least, plain
from derive.calculus.indices import is_fixed
from derive.program import (
    Allocate,
    Assign,
    Buffer,
    Given,
    Loop,
    Only,
    Point,
    Program,
    Span,
    Stack,
    Statement,
    Value,
    View,
    Wanted,
    spans,
    views,
)
from derive.schedule.operations import Operations, is_negated, opposite
from derive.schedule.temporaries import Pool, lengths_of


def in_place(program: Program, pool: Pool) -> Program:
    """The program in single operations.

    Args:
        program: statements whose values are whole expressions.
        pool: temporaries; several programs of one function share them.
    """
    buffers = {buffer.variable.name: buffer for buffer in program.buffers}
    before = set(pool.made)
    lowered = _Lowered(buffers, pool)
    body = tuple(lowered.block(program.body))
    own = [buffer for name, buffer in pool.made.items() if name not in before]
    lead = [s for s in body if isinstance(s, Stack)]
    rest = [s for s in body if not isinstance(s, Stack)]
    return replace(
        program,
        body=(*(Allocate(buffer) for buffer in own), *lead, *rest),
        buffers=(*program.buffers, *own, *lowered.inner),
    )


class _Lowered:
    """Lowers the statements of one scope."""

    def __init__(self, buffers: dict[str, Buffer], pool: Pool) -> None:
        self.buffers, self.pool = buffers, pool
        self.inner: list[Buffer] = []  # temporaries of statements behind a condition

    def block(self, statements: Iterable[Statement]) -> Iterator[Statement]:
        for statement in statements:
            if isinstance(statement, Assign):
                yield from self.assign(statement)
            elif isinstance(statement, Wanted | Given):
                inside = _Lowered(self.buffers, self.pool.inside())
                body = tuple(inside.block(statement.body))
                own = list(inside.pool.made.values())
                self.inner += own
                yield replace(statement, body=(*map(Allocate, own), *body))
            elif isinstance(statement, Loop | Only):
                yield replace(statement, body=tuple(self.block(statement.body)))
            else:
                yield statement

    def assign(self, statement: Assign) -> Iterator[Statement]:
        target, value = statement.target, statement.value
        lengths = lengths_of(target, value)
        is_even = all(is_fixed(n) for n in lengths.values()) and _starts_stand(statement)
        whole = self.buffers.get(target.name)
        if not is_even or (whole is not None and whole.variable.classes is not None) or _is_integer(statement):
            yield statement
            return
        if statement.makes and target.subscripts:
            yield Allocate(replace(self.buffers[target.name], zeros=False))
            statement = replace(statement, makes=False)
        done = Operations(statement, lengths, self.pool)
        if not target.dims:
            made = replace(statement, value=done.shallow(value))
        elif statement.scatters or _is_looked_up(target):
            made = replace(statement, value=value if isinstance(value, View) else done.leaf(value))
        elif statement.adds:
            sign, rest = (-1, opposite(value)) if is_negated(value) else (1, value)
            found = done.leaf(rest)
            made = replace(statement, value=found if sign == 1 else done.negative(found))
        elif _meets(target, value):
            made = replace(statement, value=done.leaf(value))
        else:
            done.into(value, target)
            yield from done.finished()
            return
        done.statements.append(made)
        yield from done.finished()


def _is_integer(statement: Assign) -> bool:
    return statement.equation.reduction.value == "choice"


def _starts_stand(statement: Assign) -> bool:
    """Whether no slice begins at a step of a loop where it also has a length: a slice like `[:t]` has none."""
    return all(is_fixed(s.length) for s in (*spans(statement.target), *spans(statement.value)))


def _is_looked_up(view: View) -> bool:
    """Whether NumPy would copy what the view shows."""
    along = [s.index for s in view.subscripts if isinstance(s, Span)]
    return len(along) != len(set(along)) or not all(isinstance(s, Point | Span) for s in view.subscripts)


def _meets(target: View, value: Value) -> bool:
    """Whether the value may read entries that are written before it is done."""
    return any(view.name == target.name and not apart(target, view) for view in views(value))


def apart(one: View, other: View) -> bool:
    """Whether two parts of an array have no entry in common."""
    return any(_apart(a, b) for a, b in zip(one.subscripts, other.subscripts, strict=True))


def _apart(a: object, b: object) -> bool:
    low, high = _ends(a), _ends(b)
    if low is None or high is None:
        return False
    return at_least(high[0], low[1] + 1) or at_least(low[0], high[1] + 1)


def _ends(subscript: object) -> tuple[sympy.Expr, sympy.Expr] | None:
    if isinstance(subscript, Point):
        return subscript.value, subscript.value
    if isinstance(subscript, Span):
        return subscript.start, plain(subscript.start + subscript.length - 1)
    return None
