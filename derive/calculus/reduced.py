"""What a logsumexp or a maximum runs over gets a name, and whoever needs the same thing reads it there.

`softmax(V @ h[t])` is `exp(X[i] - lse)` with `lse` the logsumexp of the same `X`: one product, computed once, and a
logarithm of it that can be seen through.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy

from derive.calculus.indices import bound, indices, substitute
from derive.calculus.stable import fresh_name
from derive.expressions import Index, Range, Ref, refs
from derive.system import Equation, Reduction, Role, System, Variable


def name_reduced(system: System) -> System:
    """The system with a generated variable for every reduced expression that is more than a reference."""
    taken = {v.name for v in system.variables}
    variables = list(system.variables)
    named: dict[str, tuple[Equation, Ref]] = {}
    equations: list[Equation] = []
    for equation in system.equations:
        if equation.reduction is not Reduction.SUM and not isinstance(equation.right, Ref):
            name = fresh_name(f"{equation.target.partition('.')[0]}.arg", taken)
            taken.add(name)
            # What is the same for all that is reduced is there once.
            own = _used(equation)
            domain = tuple(sorted(own, key=lambda r: r.axis.kind.value == "feature"))
            inner = Ref(name, *(r.index for r in domain))
            variables.append(Variable(name, Role.VAR, tuple(r.axis for r in domain)))
            equations.append(Equation(name, inner.subscripts, equation.right, domain))
            named[equation.target] = (equation, inner)
            equation = replace(equation, right=inner)
        equations.append(equation)
    if not named:
        return system
    made = {inner.name for _, inner in named.values()}
    found = tuple(e if e.target in made else replace(e, right=_shared(e.right, named)) for e in equations)
    return replace(system, variables=tuple(variables), equations=found)


def _shared(expression: sympy.Expr, named: dict[str, tuple[Equation, Ref]]) -> sympy.Expr:
    """The expression with `X - lse` read as `name of X - lse`."""
    if not expression.args or isinstance(expression, Ref):
        return expression
    expression = expression.func(*(_shared(a, named) if isinstance(a, sympy.Expr) else a for a in expression.args))
    if not isinstance(expression, sympy.Add):
        return expression
    for term in expression.args:
        name = _negated(term)
        if name is not None and name.name in named:
            rest = expression - term
            shared = _same(rest, name, *named[name.name])
            if shared is not None:
                return shared + term
    return expression


def _negated(term: sympy.Expr) -> Ref | None:
    return -term if isinstance(-term, Ref) else None


def _same(rest: sympy.Expr, reduced: Ref, equation: Equation, inner: Ref) -> Ref | None:
    """The name of what was reduced at the indices at which it is `rest`."""
    outer = dict(zip(equation.subscripts, reduced.subscripts, strict=True))
    if not all(isinstance(index, Index) for index in outer):
        return None
    open_ = [r.index for r in _used(equation) if r.index not in outer]
    for values in _choices(open_, list(_subscripts(rest))):
        chosen = {**outer, **values}
        if _canonical(substitute(equation.right, chosen)) == _canonical(rest):
            return Ref(inner.name, *(s.xreplace(chosen) for s in inner.subscripts))
    return None


def _used(equation: Equation) -> list[Range]:
    """The ranges of the indices on the right, and of those that their ends use."""
    used, found = set(indices(equation.right)), list[Range]()
    for range_ in reversed(equation.domain):
        if range_.index in used:
            found.insert(0, range_)
            used |= range_.first.free_symbols | range_.last.free_symbols
    return found


def _subscripts(expression: sympy.Expr) -> Iterator[sympy.Expr]:
    inside = set(bound(expression))
    found = dict.fromkeys(s for ref in refs(expression) for s in ref.subscripts if not inside & s.free_symbols)
    yield from dict.fromkeys((*(i for i in indices(expression) if i not in inside), *found))


def _choices(open_: list[Index], candidates: list[sympy.Expr]) -> Iterator[dict[Index, sympy.Expr]]:
    if not open_:
        yield {}
        return
    for value in candidates:
        for rest in _choices(open_[1:], candidates):
            yield {open_[0]: value, **rest}


def _canonical(expression: sympy.Expr) -> sympy.Expr:
    """The expression with its bound indices named by how deep they are bound, so that equal sums are equal."""
    names = {index: Index(f"bound{n}.{index.axis.name}", index.axis) for n, index in enumerate(_by_place(expression))}
    return expression.xreplace(names)


def _by_place(expression: sympy.Expr) -> list[Index]:
    """The bound indices, in an order that does not depend on their names."""

    def place(index: Index) -> list[tuple[str, int]]:
        return sorted(
            (r.name, n) for r in refs(expression) for n, s in enumerate(r.subscripts) if index in s.free_symbols
        )

    return sorted(dict.fromkeys(bound(expression)), key=lambda index: (index.axis.name, place(index)))
