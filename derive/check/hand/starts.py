"""What stands before a sequence or behind it, where the model's file says so (`h[0] = 0`, `y[0] = 2`)."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from derive.check.hand.broadcast import Cells
from derive.check.hand.claims import Claim
from derive.interpret import Array, Values
from derive.language.source import Sink, Source
from derive.language.syntax import parse
from derive.system import Role, System


def default_of(claim: Claim, system: System) -> Array | None:
    """The number that the model's file gives the start that a claim is of; a call may give another, a point does."""
    for variable in system.with_role(Role.START):
        start = variable.start
        if start is not None and start.of == claim.head and claim.subscripts[:1] == (start.step,):
            return None if variable.default is None else np.asarray(variable.default, dtype=float)
    return None


def data_starts(system: System) -> dict[str, dict[int, float]]:
    """By variable and step the numbers that given data starts with."""
    found: dict[str, dict[int, float]] = {}
    data = {v.name for v in system.variables if v.role.is_data}
    source = Source(system.source, system.name)
    for statement in parse(source, Sink(source, quiet=True)).statements if system.source else ():
        if statement.name in data and len(statement.subscripts) == 1:
            step, value = _number(statement.subscripts[0]), _number(statement.right)
            if step is not None and value is not None:
                found.setdefault(statement.name, {})[int(step)] = value
    return found


def _number(node: ast.expr) -> float | None:
    """A literal number, with its sign."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
    return None


def started(cells: Cells, starts: Mapping[int, float], padded: Values | None) -> Cells:
    """Data with what stands before its first step; what the model itself continues (`x.padded`) is taken from there."""
    first = min([*starts, *([padded.first[0]] if padded is not None else []), cells.first[0]])
    missing = cells.first[0] - first
    if missing <= 0:
        return cells
    before: Array = np.full((missing, *cells.array.shape[1:]), cells.outside, dtype=cells.array.dtype)
    for step, value in starts.items():
        before[step - first] = value
    if padded is not None:
        known = padded.array[: cells.first[0] - padded.first[0]]
        before[padded.first[0] - first : padded.first[0] - first + len(known)] = known
    return replace(cells, array=np.concatenate([before, cells.array]), first=(first, *cells.first[1:]))
