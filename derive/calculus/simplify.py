"""Small named passes over the equations of gradients. Each is a rule that the printed derivation can name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import sympy

from derive.affine import at_least
from derive.calculus.indices import definition, disjoint, ends, indices, is_fixed, sole, solve
from derive.calculus.naming import nonlinear
from derive.calculus.ranges import covers, holds
from derive.calculus.terms import factors, is_scale
from derive.expressions import Domain, Index, Range, Ref, refs
from derive.system import Equation, Reduction, Role, System


def inline_constants(system: System) -> System:
    """A gradient that is a plain number, or a number times a scalar or another gradient, is put in where it is read.

    `grad(loss) = 1` and `grad(lse[t]) = 1` go into `grad(o)[t,i] += grad(lse)[t] * exp(o[t,i] - lse[t])`.
    """
    table = system.defining
    simple = {
        name: equations
        for name, equations in table.items()
        if system.by_name[name].role is Role.GRAD and len(equations) == 1 and _is_simple(equations[0], system)
    }
    if not simple:
        return system

    def put(equation: Equation) -> sympy.Expr:
        right = equation.right
        for _ in range(len(simple)):
            values = {}
            for ref in dict.fromkeys(refs(right)):
                if (
                    ref.name in simple
                    and ref.name != equation.target
                    and _covers(simple[ref.name][0], ref, equation.domain)
                ):
                    found = definition(ref, simple[ref.name], equation.domain)
                    if found is not None:
                        values[ref] = found
            if not values:
                break
            right = right.xreplace(values)
        return right

    after = _rewrite(system, put)
    # `lam * grad(loss)` has become a number of another kind, `lam`: what it is read in may take it now.
    return after if after is system else inline_constants(after)


def _is_simple(equation: Equation, system: System) -> bool:
    if equation.reduction is not Reduction.SUM or {r.index for r in equation.domain} != _plain(equation):
        return False
    scale, rest = factors(equation.right)
    if not rest:
        return True
    # An array stays where it is: what is read as a gradient is stacked with others like it.
    other = rest[0] if len(rest) == 1 and isinstance(rest[0], Ref) and is_scale(scale) else None
    return other is not None and (not other.subscripts or system.by_name[other.name].role is Role.GRAD)


def _plain(equation: Equation) -> set[Index]:
    return {s for s in equation.subscripts if isinstance(s, Index)}


def _covers(equation: Equation, ref: Ref, domain: Domain) -> bool:
    values = solve(equation, ref)
    return values is not None and covers(equation.domain, values, domain)


def reuse_values(system: System) -> System:
    """What a forward equation has already computed is read: `tanh(a[t,i])` is `h[t,i]`, `exp(o - lse)` is `yhat`."""
    known: dict[str, list[Equation]] = {}
    for name, equations in system.defining.items():
        if system.by_name[name].role is Role.VAR:
            for equation in equations:
                entry = equation.reduction is Reduction.SUM and {r.index for r in equation.domain} <= _plain(equation)
                if entry and nonlinear(equation.right) and sole(equation, equations):
                    known.setdefault(equation.right.func.__name__, []).append(equation)

    def put(equation: Equation) -> sympy.Expr:
        values = {}
        for node in sympy.preorder_traversal(equation.right):
            if nonlinear(node) and node not in values:
                for candidate in known.get(node.func.__name__, ()):
                    ref = _match(candidate, node, equation.domain)
                    if ref is not None:
                        values[node] = ref
                        break
        return equation.right.xreplace(values) if values else equation.right

    return _rewrite(system, put)


def _match(definition_: Equation, node: sympy.Expr, domain: Domain) -> Ref | None:
    """The left side of a definition, at the indices at which its right side is `node`."""
    free = {range_.index for range_ in definition_.domain}
    patterns = list(dict.fromkeys(refs(definition_.right)))
    targets = list(dict.fromkeys(refs(node)))
    for values in _bindings(patterns, targets, {}):
        if set(values) >= free and definition_.right.xreplace(values) == node:
            if covers(definition_.domain, values, domain):
                return Ref(definition_.target, *(s.xreplace(values) for s in definition_.subscripts))
    return None


def _bindings(
    patterns: list[Ref], targets: list[Ref], values: dict[Index, sympy.Expr]
) -> Iterator[dict[Index, sympy.Expr]]:
    """The values of indices at which each pattern is one of the targets."""
    if not patterns:
        yield values
        return
    for target in targets:
        if target.name == patterns[0].name:
            bound = dict(values)
            if all(_bind(p, t, bound) for p, t in zip(patterns[0].subscripts, target.subscripts, strict=True)):
                yield from _bindings(patterns[1:], targets, bound)


def _bind(pattern: sympy.Expr, target: sympy.Expr, values: dict[Index, sympy.Expr]) -> bool:
    found = indices(pattern)
    if isinstance(pattern, Ref) or len(found) != 1:
        return bool(pattern.xreplace(values) == target) or isinstance(pattern, Ref)
    index = found[0]
    value = target - (pattern - index)
    return bool(values.setdefault(index, value) == value)


def count_repeats(system: System) -> System:
    """A term that does not depend on a summed index is multiplied by how often it is summed."""

    def counted(equation: Equation) -> Equation:
        used = set(indices(equation.right)).union(*(indices(s) for s in equation.subscripts))
        used = used.union(*(set(indices(r.first)) | set(indices(r.last)) for r in equation.domain))
        idle = [r for r in equation.domain if r.index not in used and holds(r, equation.domain, 0)]
        if not idle or equation.reduction is not Reduction.SUM:
            return equation
        scale = sympy.Mul(*(r.last - r.first + 1 for r in idle))
        return replace(
            equation, right=scale * equation.right, domain=tuple(r for r in equation.domain if r not in idle)
        )

    return _map(system, counted)


def collect_terms(system: System) -> System:
    """Equations of one gradient over the same cells become one; like terms are added, zeros dropped."""
    merged: dict[object, Equation] = {}
    for number, equation in enumerate(system.equations):
        if system.by_name[equation.target].role is not Role.GRAD:
            merged[number] = equation
            continue
        key = (equation.target, equation.subscripts, equation.domain)
        if key in merged:
            equation = replace(merged[key], right=merged[key].right + equation.right)
        merged[key] = equation
    equations = tuple(e for e in merged.values() if e.right != 0 or system.by_name[e.target].role is not Role.GRAD)
    return system if equations == system.equations else replace(system, equations=equations)


def drop_zeros(system: System) -> System:
    """A gradient's cell that no equation covers is 0: terms with it are dropped, and so on through what that leaves."""
    while (after := _without_zeros(system)) is not system:
        system = after
    return system


def _without_zeros(system: System) -> System:
    """One walk from the loss on, in which what is dropped is missing for what comes after it."""
    table = dict(system.defining)
    equations: list[Equation] = []
    for equation in system.equations:
        found = equation
        if system.by_name[equation.target].role is Role.GRAD:
            read = (ref for ref in refs(equation.right) if system.by_name[ref.name].role is Role.GRAD)
            zeros = {r: sympy.Integer(0) for r in read if not _covered(r, table.get(r.name, ()), equation.domain)}
            if zeros:
                found = replace(equation, right=equation.right.xreplace(zeros))
            if found.right == 0:
                table[found.target] = tuple(e for e in table[found.target] if e is not equation)
                continue
        equations.append(found)
    return system if tuple(equations) == system.equations else replace(system, equations=tuple(equations))


def _covered(ref: Ref, equations: tuple[Equation, ...], domain: Domain) -> bool:
    """Whether an equation may cover a cell that a reference reads."""
    read = [ends(s, domain) for s in ref.subscripts]
    return any(
        not any(disjoint(mine, ends(s, e.domain)) for mine, s in zip(read, e.subscripts, strict=True))
        for e in equations
    )


def drop_empty(system: System) -> System:
    """An equation over a range that is empty for all sizes adds nothing."""

    def empty(range_: Range) -> bool:
        return is_fixed(range_.first) and is_fixed(range_.last) and at_least(range_.first, range_.last + 1)

    equations = tuple(e for e in system.equations if not any(map(empty, e.domain)))
    return system if len(equations) == len(system.equations) else replace(system, equations=equations)


def _rewrite(system: System, put: Callable[[Equation], sympy.Expr]) -> System:
    def apply(equation: Equation) -> Equation:
        right = put(equation)
        return equation if right == equation.right else replace(equation, right=right)

    return _map(system, apply)


def _map(system: System, rule: Callable[[Equation], Equation]) -> System:
    """A rule on every gradient equation; the same system where nothing changed."""
    equations = tuple(
        rule(equation) if system.by_name[equation.target].role is Role.GRAD else equation
        for equation in system.equations
    )
    return system if equations == system.equations else replace(system, equations=equations)
