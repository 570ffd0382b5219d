"""What a loop computes at each step although it rests on nothing that the loop makes is computed before it.

In the backward pass of a recurrence most of a product is known beforehand:

    grad(g.arg)[t,b,j] += grad(c)[t,b,j] * i[t,b,j] * (1 - g[t,b,j]**2)

rests on `grad(c)` alone as far as the loop goes. The rest becomes a variable of its own, one array statement over all
steps, and the loop is left with one product a step:

    g.arg.factor[t,b,j] += i[t,b,j] * (1 - g[t,b,j]**2)
    grad(g.arg)[t,b,j] += grad(c)[t,b,j] * g.arg.factor[t,b,j]

Work on entries is the same, calls to NumPy in the loop are fewer, and it costs an array over all steps. So it is done

- along the loop's sequence for two operations or more; where the loop's index does not occur (`1/tau[j]`), for one,
- never for an outer product, which has more entries than what it is made of, nor for what runs along a second sequence,
  where one step is work enough,
- over exactly the cells that are read, of which no other index decides how many there are.

Equal expressions, shifted or renamed, are one variable.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sympy

from derive.affine import at_least, length, split
from derive.calculus.indices import fresh, indices, is_fixed
from derive.calculus.stable import fresh_name
from derive.calculus.terms import factors
from derive.expressions import Axis, AxisKind, Domain, Index, Range, Ref, Sum, refs
from derive.functions import Comparison, Elementwise
from derive.schedule.dependence import dependences, reads
from derive.schedule.loops import LoopNest, nest
from derive.system import Equation, Reduction, Role, Variable


def ahead(
    statements: Sequence[Equation], variables: Mapping[str, Variable]
) -> tuple[tuple[Equation, ...], dict[str, Variable]]:
    """The statements with what loops need not repeat computed before them, and the variables that are new for that.

    Args:
        statements: what one stage writes.
        variables: every variable, by name.
    """
    found = _Ahead(set(variables), {name for name, v in variables.items() if v.role is Role.GRAD})
    current: list[tuple[Equation, ...]] = [(statement,) for statement in statements]
    for node in nest(statements, dependences(statements)):
        if isinstance(node, LoopNest):
            written = frozenset(statements[m.number].target for m in node.members)
            for member in sorted(node.members, key=lambda m: m.number):
                here = _Here(statements[member.number], member.index, written)
                right, *rest = here.parted()
                right = found.without(right, here)
                current[member.number] = tuple(replace(here.statement, right=r) for r in (right, *rest))
    return found.before(e for parts in current for e in parts), found.variables


@dataclass(frozen=True)
class _Here:
    """A statement of a loop.

    Attributes:
        statement: as it was.
        index: its own index that the loop runs over.
        written: the variables that the loop writes.
    """

    statement: Equation
    index: Index
    written: frozenset[str]

    def rests(self, expression: sympy.Expr) -> bool:
        """Whether an expression rests on what the loop makes."""
        return any(ref.name in self.written for ref in refs(expression))

    def parted(self) -> tuple[sympy.Expr, ...]:
        """The right side; in two parts where a sum inside it rests on the loop in some of its terms only.

        Of `r[t] * (f[t] * h[t-1] + i[t])` what is added, `r[t] * i[t]`, is no work of the loop.
        """
        right = self.statement.right
        sums = [f for f in sympy.Mul.make_args(right) if self.rests(f)]
        if self.statement.reduction is not Reduction.SUM or len(sums) != 1 or not isinstance(sums[0], sympy.Add):
            return (right,)
        terms = sums[0].args
        parts = ([t for t in terms if self.rests(t)], [t for t in terms if not self.rests(t)])
        others = [f for f in sympy.Mul.make_args(right) if f is not sums[0]]
        return tuple(sympy.Mul(*others, sympy.Add(*part)) for part in parts if part)

    def order(self, range_: Range) -> tuple[bool, bool, bool]:
        """Where an axis stands: the loop's first, sequences, the batch, features in the order of the statement."""
        kind = range_.axis.kind
        return range_.index is not self.index, kind is not AxisKind.SEQUENCE, kind is not AxisKind.BATCH

    def cells(self, inside: Collection[Index]) -> Domain | None:
        """The ranges of some indices; None where a whole array has more cells, or may have fewer than none."""
        found = tuple(r for r in self.statement.domain if r.index in inside)
        if len(found) < len(inside) or sum(map(_is_sequence, found)) > 1:
            return None
        if not all(is_fixed(r.first) and is_fixed(r.last) and at_least(r.last + 1, r.first) for r in found):
            return None
        return tuple(sorted(found, key=self.order))


@dataclass
class _Ahead:
    """Collects what is computed before the loops.

    Attributes:
        taken: every name.
        gradients: the names of gradients.
        variables: the new variables.
        made: their equations.
        known: the names by what they are apart from shifts and names of indices, each with how far it reads ahead.
    """

    taken: set[str]
    gradients: set[str]
    variables: dict[str, Variable] = field(default_factory=dict)
    made: dict[str, Equation] = field(default_factory=dict)
    known: dict[tuple[object, ...], list[tuple[str, tuple[sympy.Expr, ...]]]] = field(default_factory=dict)

    def before(self, statements: Iterable[Equation]) -> tuple[Equation, ...]:
        """The statements, each variable's own one in front of the first that reads it."""
        found: list[Equation] = []
        waiting = dict(self.made)
        for statement in statements:
            for ref in reads(statement):
                if ref.name in waiting:
                    found.append(waiting.pop(ref.name))
            found.append(statement)
        return tuple(found)

    def without(self, expression: sympy.Expr, here: _Here) -> sympy.Expr:
        """The expression with what need not be repeated read from where it has been computed."""
        if not any(True for _ in refs(expression)) or isinstance(expression, Ref) or expression.has(Sum):
            return expression
        if not here.rests(expression):
            return self.named(expression, here)
        if not isinstance(expression, sympy.Mul | sympy.Add):
            return expression.func(*(self.without(a, here) for a in expression.args))
        resting = [a for a in expression.args if here.rests(a)]
        others = [a for a in expression.args if a not in resting]
        parts = [self.named(part, here) for part in _together(expression.func, others)]
        return expression.func(*parts, *(self.without(a, here) for a in resting))

    def named(self, expression: sympy.Expr, here: _Here) -> sympy.Expr:
        """An expression as a reference to the variable that holds it; itself where that is not worth it."""
        inside = indices(expression)
        least = 2 if here.index in inside else 1
        domain = here.cells(inside)
        if domain is None or operations(expression) < least or _is_truth(expression):
            return expression
        taken = set(self.taken)
        new = {r.index: fresh(_axis(r), taken) for r in domain}
        shifts = [_shifts(expression, r) for r in domain]
        alike = expression.xreplace({r.index: new[r.index] - most for r, (most, _) in zip(domain, shifts, strict=True)})
        known = self.known.setdefault((alike, *new.values()), [])
        for name, leads in known:
            moves = tuple(most - lead for (most, _), lead in zip(shifts, leads, strict=True))
            if self.covers(name, _moved(domain, new, moves)):
                return Ref(name, *(r.index + move for r, move in zip(domain, moves, strict=True)))
        moves = tuple(own for _, own in shifts)
        right = expression.xreplace({r.index: new[r.index] - move for r, move in zip(domain, moves, strict=True)})
        name = self.variable(here.statement.target, right, _moved(domain, new, moves))
        known.append((name, tuple(most - own for most, own in shifts)))
        return Ref(name, *(r.index + move for r, move in zip(domain, moves, strict=True)))

    def covers(self, name: str, cells: Domain) -> bool:
        """Whether a variable that there is holds these cells too; it is made to where they hold its own."""
        old = self.made[name]
        if _contains(cells, old.domain):
            self.made[name] = old = replace(old, domain=cells)
        return _contains(old.domain, cells)

    def variable(self, target: str, right: sympy.Expr, cells: Domain) -> str:
        """A new variable that holds an expression over these cells."""
        wanted = f"{target[5:-1]}.factor" if target in self.gradients else f"{target}.ahead"
        name = fresh_name(wanted, self.taken)
        self.taken.add(name)
        subscripts = tuple(r.index for r in cells)
        self.variables[name] = Variable(name, Role.VAR, tuple(index.axis for index in subscripts))
        self.made[name] = Equation(name, subscripts, right, cells)
        return name


def operations(expression: sympy.Expr) -> int:
    """How many operations on entries an expression takes; what is made of numbers alone takes none."""
    if isinstance(expression, Ref) or not refs(expression):
        return 0
    inside = sum(operations(a) for a in expression.args)
    if isinstance(expression, sympy.Mul):
        return inside + sum(1 for a in expression.args if a != -1) - 1
    return inside + (len(expression.args) - 1 if isinstance(expression, sympy.Add) else 1)


def _together(join: type[sympy.Expr], parts: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    """Parts of a product or a sum put together, each group along the axes of one of its parts."""
    groups: list[tuple[frozenset[Index], list[sympy.Expr]]] = []
    for part in sorted(parts, key=lambda p: -len(indices(p))):
        along = frozenset(indices(part))
        group = next((members for axes, members in groups if along <= axes), None)
        if group is None:
            groups.append((along, [part]))
        else:
            group.append(part)
    return [join(*members) for _, members in groups]


def _is_truth(expression: sympy.Expr) -> bool:
    """Whether it is made of comparisons: truth values are no array of numbers."""
    _, rest = factors(expression)
    return all(isinstance(f, Comparison) or (isinstance(f, Elementwise) and f.row.name == "same_window") for f in rest)


def _axis(range_: Range) -> Axis:
    """The axis of what is stored along a range: of a sequence's steps, or of just as many entries."""
    return (
        range_.axis
        if range_ == Range.whole(range_.index) or _is_sequence(range_)
        else replace(range_.axis, size=length(range_.first, range_.last))
    )


def _shifts(expression: sympy.Expr, range_: Range) -> tuple[sympy.Expr, sympy.Expr]:
    """What is added to an index: the most, by which equal expressions are told, and that at which it is stored.

    A sequence's index stays as it is where something is read at it; entries are counted from 0.
    """
    if not _is_sequence(range_):
        return -range_.first, -range_.first
    subscripts = (split(s) for ref in refs(expression) for s in ref.subscripts)
    found = {offset for index, offset in subscripts if index is range_.index and offset.is_Integer} or {sympy.S.Zero}
    return max(found), sympy.S.Zero if 0 in found else max(found)


def _moved(domain: Domain, new: Mapping[Index, Index], moves: Sequence[sympy.Expr]) -> Domain:
    """The ranges of new indices, each that of an old one moved."""
    return tuple(Range(new[r.index], r.first + m, r.last + m) for r, m in zip(domain, moves, strict=True))


def _is_sequence(range_: Range) -> bool:
    return range_.axis.kind is AxisKind.SEQUENCE


def _contains(outer: Domain, inner: Domain) -> bool:
    return all(at_least(b.first, a.first) and at_least(a.last, b.last) for a, b in zip(outer, inner, strict=True))
