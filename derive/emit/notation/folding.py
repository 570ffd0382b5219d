"""Generated definitions put back where they are read: `exp(o - yhat.lse)` is `softmax(o)`, as a person would write it.

The reader names what it must (the log of a sum of exponentials, a maximum, a concatenation, data outside its range);
those names cannot be spelled in a file, and printing them would only distract.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy

from derive.calculus.indices import bound, indices, substitute
from derive.emit.notation.pieces import halves, new_index, size
from derive.expressions import AxisKind, Domain, Index, Range, Ref, refs
from derive.functions import exp
from derive.system import Equation, Reduction, Role, System

_PADDED = ".padded"
_LOGSUMEXPS = (Reduction.LOGSUMEXP, Reduction.NORMALISER)


@dataclass(frozen=True)
class Reduced:
    """A reduction read at a place: its name, what is reduced there, and over which ranges."""

    name: str
    body: sympy.Expr
    ranges: Domain


class Folding:
    """What the generated variables of a system stand for."""

    def __init__(self, system: System) -> None:
        """Looks through the generated variables of the system."""
        self.system = system
        self.reductions: dict[str, Equation] = {}
        self.concats: dict[str, tuple[Equation, ...]] = {}
        self.looks: dict[str, Equation] = {}
        self.softmaxes: dict[str, Equation] = {}
        for variable in system.variables:
            if variable.role is Role.VAR and "." in variable.name:
                self._note(variable.name, system.defining.get(variable.name, ()))

    def _note(self, name: str, equations: tuple[Equation, ...]) -> None:
        if len(equations) == 1 and equations[0].reduction is not Reduction.SUM:
            if all(isinstance(subscript, Index) for subscript in equations[0].subscripts):
                self.reductions[name] = equations[0]
        elif ".concat" in name and equations and all(map(_is_piece, equations)):
            self.concats[name] = _parts(equations)
        elif ".look" in name or ".softmax" in name:
            # Where there is nothing to look up it is 0, and so says the language of the look-up itself; as it does of
            # a softmax outside of its range.
            general = [equation for equation in equations if equation.right != 0]
            if len(general) == 1 and all(isinstance(subscript, Index) for subscript in general[0].subscripts):
                (self.looks if ".look" in name else self.softmaxes)[name] = general[0]

    def hidden(self, groups: Mapping[str, Sequence[Equation]]) -> set[str]:
        """Which targets need no line of their own beside the others.

        They are put in where they are read, are the gradient of such a definition that nothing reads any more, or say
        that the gradient of a start is the gradient of its cell.
        """
        read = {ref.name for group in groups.values() for equation in group for ref in refs(equation.right)}
        return {name for name in groups if len(groups) > 1 and self._hides(name, read, groups)}

    def _hides(self, name: str, read: set[str], groups: Mapping[str, Sequence[Equation]]) -> bool:
        if self.is_put_in(name):
            return name in read
        if not name.startswith("grad(") or name in read:
            return False
        variable = self.system.by_name.get(name[5:-1])
        if variable is not None and variable.start is not None:
            return f"grad({variable.start.of})" in groups
        return self.is_put_in(name[5:-1])

    def is_put_in(self, name: str) -> bool:
        """Whether the variable is a definition that is printed where it is read."""
        folded = (self.reductions, self.concats, self.looks, self.softmaxes)
        return any(name in table for table in folded) or name.endswith(_PADDED)

    def own_starts(self, name: str, equations: Iterable[Equation]) -> list[Equation]:
        """Of data with values outside of their range the equations that a file gives, `x[0] = p`."""
        if not name.endswith(_PADDED):
            return []
        return [e for e in equations if e.right != 0 and e.right != Ref(self.plain_name(name), *e.subscripts)]

    def plain_name(self, name: str) -> str:
        """The name that a person knows it by: data with zeros outside its range are the data."""
        return name.removesuffix(_PADDED)

    def joined(self, name: str) -> tuple[Equation, ...]:
        """The equations of a variable that is a concatenation, in the order of its parts; none of any other."""
        equations = self.system.defining.get(name, ())
        if len(equations) < 2 or not all(map(_is_piece, equations)):
            return ()
        found = _parts(equations)
        if len(found) < 2 or len({e.domain[:-1] for e in found}) > 1:
            return ()
        ends = [_offset(e) + indices(e.subscripts[-1])[0].axis.size for e in found]
        begins = [_offset(e) for e in found[1:]] + [self.system.by_name[name].axes[-1].size]
        return (
            found
            if _offset(found[0]) == 0 and all(sympy.expand(a - b) == 0 for a, b in zip(ends, begins, strict=True))
            else ()
        )

    def look(self, ref: Ref) -> sympy.Expr | None:
        """What a generated look-up is at a place."""
        equation = self.looks.get(ref.name)
        if equation is None:
            return None
        return substitute(equation.right, dict(zip(equation.subscripts, ref.subscripts, strict=True)))

    def part_softmax(self, ref: Ref) -> tuple[sympy.Expr, Range] | None:
        """What a generated softmax over a part of a range is of, and that part."""
        equation = self.softmaxes.get(ref.name)
        if equation is None or not isinstance(equation.right, exp):
            return None
        at = dict(zip(equation.subscripts, ref.subscripts, strict=True))
        parts = [r for r in equation.domain if r != Range.whole(r.index)]
        terms = sympy.Add.make_args(equation.right.args[0])
        lse = [-term for term in terms if isinstance(-term, Ref) and (-term).name in self.reductions]
        if len(parts) != 1 or len(lse) != 1 or not isinstance(at[parts[0].index], Index):
            return None
        body = substitute(equation.right.args[0] + lse[0], at)
        return body, Range(at[parts[0].index], parts[0].first.xreplace(at), parts[0].last.xreplace(at))

    def reduction(self, ref: Ref, taken: set[str]) -> Reduced | None:
        """What a generated reduction is at a place; bound indices get names that are not taken."""
        equation = self.reductions.get(ref.name)
        if equation is None:
            return None
        values = dict(zip(equation.subscripts, ref.subscripts, strict=True))
        inner = [range_ for range_ in equation.domain if range_.index not in values]
        used = taken | {symbol.name for symbol in equation.right.atoms(sympy.Symbol)}
        renamed = {r.index: new_index(r.axis, used, self.system) if r.index.name in taken else r.index for r in inner}
        clashing = [index for index in bound(equation.right) if index.name in taken]
        right = equation.right.xreplace({index: new_index(index.axis, used, self.system) for index in clashing})
        body = substitute(right, {**values, **renamed})
        at = {**values, **renamed}
        ranges = tuple(Range(renamed[r.index], r.first.xreplace(at), r.last.xreplace(at)) for r in inner)
        name = Reduction.LOGSUMEXP if equation.reduction in _LOGSUMEXPS else equation.reduction
        return Reduced(name.value, body, ranges)

    def softmax(self, function: sympy.Expr) -> tuple[sympy.Expr, Index] | None:
        """What `exp(body - lse)` is the softmax of, and the index that it is over."""
        if not isinstance(function, exp):
            return None
        found = self.logsoftmax(function.args[0])
        return found[:2] if found is not None and found[2] == 0 else None

    def logsoftmax(self, difference: sympy.Expr) -> tuple[sympy.Expr, Index, sympy.Expr] | None:
        """In `body - lse + rest`: the body, the index that its log-softmax is over, and the rest."""
        if not isinstance(difference, sympy.Add) or not self.reductions:
            return None
        for term in difference.args:
            lse = -term
            if isinstance(lse, Ref) and lse.name in self.reductions:
                equation = self.reductions[lse.name]
                if equation.reduction in _LOGSUMEXPS:
                    return self._matching(equation, lse, difference + lse)
        return None

    @staticmethod
    def _matching(equation: Equation, lse: Ref, others: sympy.Expr) -> tuple[sympy.Expr, Index, sympy.Expr] | None:
        values = dict(zip(equation.subscripts, lse.subscripts, strict=True))
        inner = [range_ for range_ in equation.domain if range_.index not in values]
        if len(inner) != 1 or inner[0] != Range.whole(inner[0].index):
            return None
        if inner[0].index not in equation.right.free_symbols:
            return None  # nothing says then which index it is over
        for index in indices(others):
            if index.axis == inner[0].axis:
                body = substitute(equation.right, {**values, inner[0].index: index})
                rest = others - body
                if not any(ref in dict.fromkeys(refs(rest)) for ref in refs(body)):
                    return body, index, rest
        return None


def _is_piece(equation: Equation) -> bool:
    """Whether it is one part of a concatenation: an index, moved, as the last subscript, other indices before."""
    last = equation.subscripts[-1] if equation.subscripts else None
    if last is None or equation.reduction is not Reduction.SUM:
        return False
    before = equation.subscripts[:-1]
    moved = [s for s in indices(last) if s.axis.kind is AxisKind.FEATURE]
    return len(moved) == 1 and all(isinstance(s, Index) and s != moved[0] for s in before)


def _parts(equations: Sequence[Equation]) -> tuple[Equation, ...]:
    """The parts of a concatenation in their order: what adds to one part in one equation.

    Data that are 0 outside of their steps hold on less than the others: it is the same with them on all steps.
    """
    groups: dict[tuple[sympy.Expr, sympy.Expr], list[Equation]] = {}
    for equation in equations:
        (index,) = (i for i in indices(equation.subscripts[-1]) if i.axis.kind is AxisKind.FEATURE)
        groups.setdefault((_offset(equation), index.axis.size), []).append(equation)
    found = [_together(group) for group in groups.values()]
    return tuple(sorted(found, key=lambda e: size(_offset(e))))


def _together(group: Sequence[Equation]) -> Equation:
    """One equation for those that add to one part, on the steps of the first."""
    first, *others = group
    own = [halves(subscript)[0] for subscript in first.subscripts]
    terms = [first.right]
    for other in others:
        theirs = [halves(subscript)[0] for subscript in other.subscripts]
        terms.append(substitute(other.right, {i: new for i, new in zip(theirs, own, strict=True) if i and new}))
    return replace(first, right=sympy.Add(*terms))


def _offset(equation: Equation) -> sympy.Expr:
    last = equation.subscripts[-1]
    return last.xreplace({index: sympy.Integer(0) for index in indices(last)})
