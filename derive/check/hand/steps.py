"""The steps at which a line holds: what its conditions say."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import sympy

from derive.check.hand import rules
from derive.check.hand.claims import Claim
from derive.functions import equal
from derive.language.affines import NotAffine, Reported, affine
from derive.language.context import Scope, Work


def limits(claim: Claim, work: Work) -> dict[str, tuple[sympy.Expr | None, sympy.Expr | None]]:
    """The first and the last value that the conditions say of an index, where they bound it by sizes alone."""
    found: dict[str, tuple[sympy.Expr | None, sympy.Expr | None]] = {}
    quiet = work.quietly()
    claim.bounded = True
    for condition in claim.line.conditions:
        claim.bounded &= not any(isinstance(sign, ast.NotEq) for sign in condition.ops)
        sides = [condition.left, *condition.comparators]
        for one, sign, other in zip(sides, condition.ops, sides[1:], strict=False):
            for index, least, end, strict in _bounds(one, sign, other):
                if index in work.symbols.sizes:
                    continue
                try:
                    bound = affine(end, Scope(), quiet)
                except (NotAffine, Reported):
                    claim.bounded = False
                    continue
                first, last = found.get(index, (None, None))
                if least:
                    found[index] = bound + strict if first is None else sympy.Max(first, bound + strict), last
                else:
                    found[index] = first, bound - strict if last is None else sympy.Min(last, bound - strict)
    return found


def condition(claim: Claim) -> sympy.Expr | None:
    """1 where the conditions of a line hold, else 0; None where it has none."""
    tests: list[sympy.Expr] = []
    for node in claim.line.conditions:
        named = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - claim.work.symbols.sizes.keys()
        if not named or not named <= claim.scope.indices.keys():
            names = ", ".join(claim.scope.indices) or "it has none"
            claim.work.sink.report(node, rules.condition_of(claim.line.source.short(node), names))
            return None
        sides = [node.left, *node.comparators]
        for one, sign, other in zip(sides, node.ops, sides[1:], strict=False):
            if isinstance(sign, ast.NotEq):
                first, second = (claim.work.value(side, claim.scope) for side in (one, other))
                if first.axes == () == second.axes:
                    tests.append(1 - equal(first.entry(()), second.entry(())))
                continue
            single = ast.copy_location(ast.Compare(one, [sign], [other]), node)
            value = claim.work.any_value(single, claim.scope)
            if value.axes == ():
                tests.append(value.entry(()))
    return sympy.Mul(*tests) if tests else None


def _bounds(one: ast.expr, sign: ast.cmpop, other: ast.expr) -> Iterator[tuple[str, bool, ast.expr, int]]:
    """What one comparison says of an index: its name, whether from below, the end, and 1 where the end is left out."""
    strict = int(isinstance(sign, ast.Lt | ast.Gt))
    if isinstance(sign, ast.Eq):
        for index, end in ((one, other), (other, one)):
            if isinstance(index, ast.Name):
                yield index.id, True, end, 0
                yield index.id, False, end, 0
    elif not isinstance(sign, ast.NotEq):
        below = isinstance(sign, ast.Lt | ast.LtE)
        if isinstance(one, ast.Name):
            yield one.id, not below, other, strict
        if isinstance(other, ast.Name):
            yield other.id, below, one, strict
