"""Work on arrays over two sequences is done where it is smallest: parts of it get a name, each computed once.

`sum(outer(g[t, s], d[t-1]), t, s)` sums `g` over `s` first; so does `sum(W.T @ g[t, s], s)`, which reads the same sum.
`e[t, s] = U @ h[s] + W @ d[t-1]` makes `U @ h[s]` once, not at each `t`. What is left to do over both sequences is
element by element, at whatever step of a loop it is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy

from derive.affine import at_least, split
from derive.calculus.adjoint import grad_name
from derive.calculus.indices import ends, indices, is_fixed
from derive.calculus.normalise import canonical
from derive.calculus.stable import fresh_name
from derive.calculus.terms import factors
from derive.expressions import Axis, AxisKind, Domain, Index, Range, Ref, Sum
from derive.system import Equation, Reduction, Role, System, Variable


def name_partial_work(system: System) -> System:
    """The system with a generated variable for each part of a contraction that runs over fewer sequences."""
    wide = {v.name for v in system.variables if sum(a.kind is AxisKind.SEQUENCE for a in v.axes) > 1}
    if not wide:
        return system
    namer = _Namer(system, wide)
    equations = [found for equation in system.equations for found in namer.parts(equation)]
    return replace(system, variables=tuple(namer.variables), equations=tuple(equations))


class _Namer:
    """One run over a system."""

    def __init__(self, system: System, wide: set[str]) -> None:
        self.roles, self.wide = {v.name: v.role for v in system.variables}, wide
        self.axes = {v.name: v.axes for v in system.variables}
        self.variables = list(system.variables)
        self.taken = {v.name for v in system.variables}
        self.known: dict[object, str] = {}

    def parts(self, equation: Equation) -> Iterator[Equation]:
        """An equation, behind those of the parts that it reads."""
        if equation.reduction is not Reduction.SUM:
            yield equation
            return
        rest: list[sympy.Expr] = []
        for term in sympy.Add.make_args(equation.right):
            if equation.target in self.wide and isinstance(term, Sum):
                found = self.broadcast(equation, term)
            elif self.roles[equation.target] is Role.GRAD:
                found = self.summed(equation, term)
            else:
                found = None
            if found is None:
                rest.append(term)
            else:
                made, reading = found
                yield from made
                if reading.domain == equation.domain:
                    rest.append(reading.right)
                else:
                    yield reading
        right = sympy.Add(*rest)
        if rest or equation.right == 0:
            yield equation if right == equation.right else replace(equation, right=right)

    def broadcast(self, equation: Equation, term: Sum) -> tuple[list[Equation], Equation] | None:
        """A contraction that is the same at all steps of one of the target's sequences."""
        used = set(indices(term))
        needed = {i for r in equation.domain if r.index in used for e in (r.first, r.last) for i in indices(e)}
        domain = tuple(r for r in equation.domain if r.index in used | needed)
        lacks = any(r.axis.kind is AxisKind.SEQUENCE for r in equation.domain if r not in domain)
        own = tuple(s for s in equation.subscripts if split(s)[0] in used | needed)
        plain = [s for s in own if isinstance(s, Index)]
        if not lacks or len(plain) != len(domain) or len(own) != len(domain):
            return None
        name = self.fresh(f"{equation.target}.part", Role.VAR, tuple(s.axis for s in plain))
        made = Equation(name, own, term, domain)
        return [made], replace(equation, right=Ref(name, *own))

    def summed(self, equation: Equation, term: sympy.Expr) -> tuple[list[Equation], Equation] | None:
        """A product of which one factor alone runs over a summed sequence."""
        scale, rest = factors(term)
        if len(rest) < 2 or not all(isinstance(f, Ref) for f in rest):
            return None
        for factor in rest:
            others = [f for f in rest if f is not factor]
            if isinstance(factor, Ref) and factor.name in self.wide and self.roles[factor.name] is Role.GRAD:
                alone = self.alone(equation, factor, others)
                if alone:
                    made, total = self.total(factor, alone, equation.domain)
                    if total is not None:
                        domain = tuple(r for r in equation.domain if r not in alone)
                        return made, replace(equation, right=sympy.Mul(scale, total, *others), domain=domain)
        return None

    @staticmethod
    def alone(equation: Equation, factor: Ref, others: list[sympy.Expr]) -> Domain:
        """The whole sequences that are summed and that only one factor runs along."""
        elsewhere = {i for e in (*equation.subscripts, *others) for i in indices(e)}
        elsewhere |= {i for r in equation.domain for e in (r.first, r.last) for i in indices(e)}
        return tuple(
            r
            for r in equation.domain
            if r.axis.kind is AxisKind.SEQUENCE and r.index not in elsewhere and r.index in factor.subscripts
            if is_fixed(r.first) and is_fixed(r.last)
        )

    def total(self, factor: Ref, alone: Domain, domain: Domain) -> tuple[list[Equation], Ref | None]:
        """The factor summed over these ranges, at the subscripts that are left."""
        axes = self.axes[factor.name]
        gone = {r.index for r in alone}
        left = [n for n, s in enumerate(factor.subscripts) if s not in gone]
        for n in left:
            found = ends(factor.subscripts[n], domain)
            if found is None or not (at_least(found[0], axes[n].first) and at_least(axes[n].last, found[1])):
                return [], None
        subscripts = tuple(factor.subscripts[n] for n in left)
        key = (factor.name, tuple(left), tuple((r.first, r.last) for r in alone))
        if key in self.known:
            return [], Ref(self.known[key], *subscripts)
        inside = factor.name[len("grad(") : -1]
        name = self.fresh(f"{inside}.sum", Role.GRAD, tuple(axes[n] for n in left))
        self.known[key] = name
        own = {n: Index(f"{n}.own", axes[n]) for n in left}
        whole = Ref(factor.name, *(own.get(n, s) for n, s in enumerate(factor.subscripts)))
        made = Equation(name, tuple(own.values()), whole, (*map(Range.whole, own.values()), *alone))
        return [canonical(made, self.taken)], Ref(name, *subscripts)

    def fresh(self, wanted: str, role: Role, axes: tuple[Axis, ...]) -> str:
        """A new generated variable."""
        # A gradient's name has that of a variable inside.
        taken = self.taken | {n[5:-1] for n in self.taken if n.startswith("grad(")}
        name = fresh_name(wanted, taken)
        if role is Role.GRAD:
            name = grad_name(name)
        self.taken.add(name)
        self.variables.append(Variable(name, role, axes))
        return name
