"""Equations to statements: each additive term is written by a statement of its own, all adding to their target.

Hoisting is then free: `b + U @ x[t]` and the gradients of parameters simply are not in the recurrence's cycle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import sympy

from derive.calculus.normalise import canonical
from derive.calculus.reach import precedents
from derive.calculus.terms import terms
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


def needed(system: System, results: Iterable[str], given: Iterable[str] = ()) -> tuple[Equation, ...]:
    """The equations that the results rest on, where the given variables need none."""
    known = frozenset(given)
    kept = replace(system, equations=tuple(e for e in system.equations if e.target not in known))
    wanted = precedents(kept, tuple(results))
    return tuple(e for e in kept.equations if e.target in wanted)
