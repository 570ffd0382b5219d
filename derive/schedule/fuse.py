"""A value that is read once, entry by entry, needs no array: it is put into its reader."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import sympy

from derive.calculus.indices import definition
from derive.calculus.indices import solve as solved
from derive.calculus.ranges import covers
from derive.expressions import Index, Ref, refs
from derive.schedule.dependence import reads
from derive.system import Equation, Reduction, Role, Variable


def fuse(
    statements: Sequence[Equation], variables: Mapping[str, Variable], kept: Collection[str], outside: Collection[str]
) -> tuple[Equation, ...]:
    """The statements with single-use pointwise values of gradients put where they are read.

    Args:
        statements: what one stage writes.
        variables: by name.
        kept: results, which stay.
        outside: names that other stages read, which stay too.
    """
    current = list(statements)
    writers: dict[str, list[Equation]] = {}
    readers: dict[str, int] = {}
    for statement in current:
        writers.setdefault(statement.target, []).append(statement)
        for ref in reads(statement):
            readers[ref.name] = readers.get(ref.name, 0) + 1
    single = {
        name: made[0]
        for name, made in writers.items()
        if len(made) == 1 and variables[name].role is Role.GRAD and name not in kept and name not in outside
        if readers.get(name) == 1 and is_pointwise(made[0]) and not any(ref.name == name for ref in reads(made[0]))
    }
    for _ in range(len(single)):
        changed = False
        for place, statement in enumerate(current):
            found = _put(statement, single)
            if found is not None:
                current[place] = found
                single = {n: (found if made == statement else made) for n, made in single.items()}
                changed = True
        if not changed:
            break
    read = {ref.name for statement in current for ref in reads(statement)}
    return tuple(s for s in current if s.target not in single or s.target in read)


def gathered(statements: Sequence[Equation], variables: Mapping[str, Variable]) -> tuple[Equation, ...]:
    """The statements with those that scale one gradient, entry by entry, put together: each is read once then.

    `grad(z)[t] += grad(h)[t] * h[t-1]` and `grad(z)[t] += -grad(h)[t] * n[t]` are `grad(h)[t] * (h[t-1] - n[t])`.
    """
    found: dict[object, Equation] = {}
    scales: dict[object, list[sympy.Expr]] = {}
    for number, statement in enumerate(statements):
        scaled = _scaled(statement, variables)
        key = number if scaled is None else (statement.left, statement.domain, scaled[0])
        found.setdefault(key, statement)
        if scaled is not None:
            scales.setdefault(key, []).append(scaled[1])
            if len(scales[key]) > 1:
                found[key] = replace(found[key], right=scaled[0] * sympy.Add(*scales[key]))
    return tuple(found.values())


def _scaled(statement: Equation, variables: Mapping[str, Variable]) -> tuple[Ref, sympy.Expr] | None:
    """The one gradient that a statement scales entry by entry, and what it is scaled by."""
    if not is_pointwise(statement):
        return None
    parts = sympy.Mul.make_args(statement.right)
    of = [p for p in parts if isinstance(p, Ref) and variables[p.name].role is Role.GRAD]
    rest = sympy.Mul(*(p for p in parts if p not in of))
    if len(of) != 1 or any(variables[ref.name].role is Role.GRAD for ref in refs(rest)):
        return None
    return of[0], rest


def is_pointwise(statement: Equation) -> bool:
    """Whether each of its cells is one expression: plain different indices on the left and no sum."""
    plain = [s for s in statement.subscripts if isinstance(s, Index)]
    whole = len(plain) == len(statement.subscripts) == len(set(plain)) == len(statement.domain)
    return whole and statement.reduction is Reduction.SUM


def _put(statement: Equation, single: Mapping[str, Equation]) -> Equation | None:
    if not is_pointwise(statement):
        return None
    for ref in dict.fromkeys(reads(statement)):
        made = single.get(ref.name)
        if made is None or made == statement or not isinstance(ref, Ref):
            continue
        values = solved(made, ref)
        if values is None or not covers(made.domain, values, statement.domain):
            continue
        inside = definition(ref, (made,), statement.domain)
        if inside is not None:
            return replace(statement, right=statement.right.xreplace({ref: inside}))
    return None
