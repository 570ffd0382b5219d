"""Equations to statements: each additive term is written by a statement of its own, all adding to their target.

Hoisting is then free: `b + U @ x[t]` and the gradients of parameters simply are not in the recurrence's cycle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import sympy

from derive.calculus.normalise import canonical
from derive.calculus.reach import precedents
from derive.calculus.terms import Term, factors, terms
from derive.expressions import Domain
from derive.system import Equation, Reduction, System, Variable


def split_terms(equations: Iterable[Equation], variables: Iterable[Variable]) -> tuple[Equation, ...]:
    """One equation per additive term, every summed index in the domain, indices named in order."""
    taken = {v.name for v in variables}
    statements: list[Equation] = []
    for equation in equations:
        if equation.reduction is not Reduction.SUM:
            statements.append(canonical(equation, taken))
            continue
        parts = terms(equation.right)
        if not equation.subscripts:
            parts = _side_by_side(parts)
        pointwise = [term.body for term in parts if not term.ranges]
        for term in parts:
            if term.ranges:
                whole = replace(equation, right=term.body, domain=(*equation.domain, *term.ranges))
                statements.append(canonical(whole, taken))
        if pointwise or not parts:
            statements.extend(
                canonical(replace(equation, right=body), taken) for body in pointwise or [sympy.Integer(0)]
            )
    return tuple(statements)


def _side_by_side(parts: Iterable[Term]) -> list[Term]:
    """Terms of one number, those that are summed over the same and need no product before put together.

    What cancels (`logsumexp(o[t]) - o[t, y[t]]`, the loss of a right and confident answer) does so entry by entry: two
    large sums would leave their rounding behind.
    """
    found: list[Term] = []
    places: dict[Domain, int] = {}
    for part in parts:
        if not _is_plain(part):
            found.append(part)
        elif part.ranges in places:
            place = places[part.ranges]
            found[place] = replace(found[place], body=found[place].body + part.body)
        else:
            places[part.ranges] = len(found)
            found.append(part)
    return found


def _is_plain(term: Term) -> bool:
    """Whether it is a scaled value, no product of several."""
    return len(factors(term.body)[1]) == 1


def needed(system: System, results: Iterable[str], given: Iterable[str] = ()) -> tuple[Equation, ...]:
    """The equations that the results rest on, where the given variables need none."""
    known = frozenset(given)
    kept = replace(system, equations=tuple(e for e in system.equations if e.target not in known))
    wanted = precedents(kept, tuple(results))
    return tuple(e for e in kept.equations if e.target in wanted)
