"""The left side of an equation: its indices, with their ranges."""

from __future__ import annotations

import ast
from dataclasses import dataclass

import sympy

from derive.expressions import Index
from derive.language import rules_names
from derive.language.context import UNKNOWN, Scope, Work
from derive.language.indices import axis_of
from derive.language.symbols import Defined, step_names
from derive.language.syntax import Statement


@dataclass(frozen=True)
class Left:
    """A left side.

    Attributes:
        scope: what is in scope on the right.
        steps: its steps, an index or the literal of a start.
        features: the indices that it names after the steps.
    """

    scope: Scope
    steps: tuple[sympy.Expr, ...]
    features: tuple[Index, ...]

    @property
    def open(self) -> bool:
        """Whether the range of one of its indices is open."""
        return any(index.axis is UNKNOWN for index in self.features)

    @property
    def indices(self) -> tuple[Index, ...]:
        """All its indices, steps first."""
        return tuple(step for step in self.steps if isinstance(step, Index)) + self.features


def left_side(statement: Statement, defined: Defined, work: Work) -> Left | None:
    """The left side of an equation; None where it is faulty, which was reported before."""
    scope, steps, rest = Scope(), [], list(statement.subscripts)
    for position, (axis, literal) in enumerate(zip(defined.sequences, defined.key(statement), strict=True)):
        if not rest:
            steps_of = ", ".join(step_names(defined.sequences))
            work.sink.report(statement.left, rules_names.step_missing(statement.name, steps_of))
            return None
        node = rest.pop(0)
        if literal is not None:
            steps.append(literal)
            continue
        if not isinstance(node, ast.Name) or work.symbols.sequence_of(node.id) != axis:
            text, index = work.sink.source.short(node), step_names(defined.sequences)[position]
            work.sink.report(
                node, rules_names.step_expected(text, statement.name, str(axis.size), f"its index there is {index}")
            )
            return None
        step = work.index(node.id, axis, *defined.reach(position))
        scope = scope.bind(node.id, step)
        steps.append(step)
    names = [node for node in rest if isinstance(node, ast.Name)]
    if len(names) < len(rest):
        return None
    return Left(*_features(statement, names, scope, work, tuple(steps)))


def _features(
    statement: Statement, nodes: list[ast.Name], scope: Scope, work: Work, steps: tuple[sympy.Expr, ...]
) -> tuple[Scope, tuple[sympy.Expr, ...], tuple[Index, ...]]:
    """The indices of features on the left; their ranges are those of the variable, or read off the right side."""
    known = work.symbols.features(statement.name)
    look = scope
    for node in nodes:
        look = look.bind(node.id, Index(node.id, UNKNOWN))
    features: list[Index] = []
    for position, node in enumerate(nodes):
        axis = known[position] if known is not None and position < len(known) else None
        read = axis_of(node.id, [statement.right], look, work)
        if axis is not None and read is not None and UNKNOWN not in (axis, read) and axis != read:
            left = work.sink.source.short(statement.left)
            right = work.sink.source.short(statement.right)
            problem = rules_names.index_ranges_differ(node.id, left, str(axis.size), right, str(read.size))
            work.sink.report(node, problem)
        index = work.index(node.id, axis or read or UNKNOWN)
        features.append(index)
        scope = scope.bind(node.id, index)
    return scope, steps, tuple(features)
