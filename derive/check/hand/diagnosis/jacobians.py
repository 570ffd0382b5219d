"""The terms of a Jacobian `jac(u[t+1], v[t])`: one for each way along the graph from v to u.

The derived gradient by v is linear in the gradients of what reads v. Followed up to u it is linear in the one by u,
and the matrix of that, transposed, is the Jacobian: `U.T @ (s * grad(u))` stands for `diag(s) @ U`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from derive.check.hand.diagnosis.trees import Term, is_atom, is_gradient, name_of, nodes, product, same
from derive.check.hand.diagnosis.truth import derived, in_own_names, moved, steps_between
from derive.check.hand.vocabulary import Checkable
from derive.expressions import AxisKind

WAYS = 12  # along the graph: more are no line that a person writes
LONGEST = 12  # equations of one way


class NotLinear(Exception):
    """What has no matrix in sight."""


@dataclass(frozen=True)
class _Way:
    """A product of matrices and vectors before a gradient: `W.T @ (s * grad(a))`.

    Attributes:
        factors: matrices, and vectors as they would stand in `diag(...)`, the outermost first.
        to: the gradient behind them; None for the end of a way.
        minus: whether the product is subtracted.
    """

    factors: tuple[ast.expr, ...]
    to: ast.expr
    minus: bool = False


def jacobian_terms(model: Checkable, of: ast.expr, by: ast.expr) -> tuple[Term, ...]:
    """The terms of `jac(of, by)` in array notation and in the model's own names; none where they have no such form."""
    try:
        ways = list(_Ways(model, of).between(by, 0))
        return tuple(Term(_matrices(model, way.factors), way.minus) for way in ways[: WAYS + 1]) if ways else ()
    except NotLinear:
        return ()


class _Ways:
    def __init__(self, model: Checkable, of: ast.expr) -> None:
        self.model, self.of, self.found = model, of, 0

    def between(self, by: ast.expr, depth: int) -> Iterator[_Way]:
        """The ways from a variable at a step."""
        table = derived(self.model)
        lines = [line for line in table.get(f"grad({name_of(by)})", ()) if _is_general(line.left)]
        if depth > LONGEST or len(lines) > 1:
            raise NotLinear
        right = moved(lines[0], _steps(by)) if lines else None
        for first in self._linear(right, False) if right is not None else ():
            there = first.to.args[0]  # type: ignore[attr-defined]
            if same(there, self.of):
                self.found += 1
                if self.found > WAYS:
                    raise NotLinear
                yield first
            elif self._before(there):
                for rest in self.between(there, depth + 1):
                    yield _Way((*first.factors, *rest.factors), rest.to, first.minus != rest.minus)

    def _before(self, there: ast.expr) -> bool:
        """Whether a variable at a step can lead to what the Jacobian is of: what comes later cannot."""
        one, other = _steps(there), _steps(self.of)
        if not one or not other:
            raise NotLinear
        between = steps_between(one[0], other[0])
        if between is None:
            raise NotLinear
        return between >= 0

    def _linear(self, node: ast.expr, minus: bool) -> Iterator[_Way]:
        """The terms of an expression that have a gradient in them, as products before it."""
        if not any(is_gradient(inner) for inner in nodes(node)):
            return
        match node:
            case ast.Call() if is_gradient(node):
                yield _Way((), node, minus)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                yield from self._linear(inner, not minus)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
                yield from self._linear(left, minus)
                yield from self._linear(right, minus != isinstance(op, ast.Sub))
            case ast.BinOp(left=left, op=ast.Mult() | ast.MatMult() as op, right=right):
                if isinstance(op, ast.Mult) and any(is_gradient(inner) for inner in nodes(left)):
                    left, right = right, left
                if any(is_gradient(inner) for inner in nodes(left)):
                    raise NotLinear
                named = in_own_names(left, self.model)
                if named is None or (isinstance(op, ast.MatMult) and not _is_matrix(named, self.model)):
                    raise NotLinear
                for way in self._linear(right, minus):
                    yield _Way((named, *way.factors), way.to, way.minus)
            case _:
                raise NotLinear


def _is_general(left: ast.expr) -> bool:
    """Whether a derived line is about every step, not about an end."""
    steps = _steps(left.args[0] if isinstance(left, ast.Call) else left)
    return all(isinstance(step, ast.Name) and step.id.islower() for step in steps)


def _matrices(model: Checkable, factors: Sequence[ast.expr]) -> ast.expr:
    """The transpose of a product of matrices and vectors, vectors beside each other in one diagonal matrix."""
    parts: list[ast.expr] = []
    diagonal: list[ast.expr] = []
    scalars: list[ast.expr] = []
    for factor in [*reversed(factors), None]:
        if factor is not None and not _is_matrix(factor, model):
            (diagonal if _is_vector(factor, model) else scalars).append(factor)
            continue
        if diagonal:
            parts.append(ast.Call(ast.Name("diag", ast.Load()), [product(diagonal)], []))
            diagonal = []
        if factor is not None:
            turned = isinstance(factor, ast.Attribute)
            parts.append(factor.value if turned else ast.Attribute(factor, "T", ast.Load()))  # type: ignore[attr-defined]
    if not parts:
        raise NotLinear
    return product([*scalars, product(parts, ast.MatMult)])


def _rank(atom: ast.expr, model: Checkable) -> int:
    variable = model.system.by_name.get(name_of(atom))
    if variable is None:
        return 0
    given = len(_steps(atom)) - sum(axis.kind is AxisKind.SEQUENCE for axis in variable.axes)
    return sum(axis.kind is AxisKind.FEATURE for axis in variable.axes) - max(given, 0)


def _is_matrix(node: ast.expr, model: Checkable) -> bool:
    inner = node.value if isinstance(node, ast.Attribute) and node.attr == "T" else node
    return is_atom(inner) and _rank(inner, model) == 2


def _is_vector(node: ast.expr, model: Checkable) -> bool:
    return any(_rank(atom, model) == 1 for atom in nodes(node) if is_atom(atom))


def _steps(atom: ast.expr) -> list[ast.expr]:
    if not isinstance(atom, ast.Subscript):
        return []
    return list(atom.slice.elts) if isinstance(atom.slice, ast.Tuple) else [atom.slice]
