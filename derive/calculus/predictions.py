"""What a model predicts for an answer, found in its loss: what a label looks up, what a target is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import sympy

from derive import functions
from derive.affine import split
from derive.calculus.indices import definition, fresh, indices
from derive.calculus.normalise import canonical
from derive.calculus.reach import precedents
from derive.calculus.terms import Term, factors, terms
from derive.expressions import Axis, Index, Range, Ref, refs
from derive.system import Equation, Reduction, Role, System, Variable


@dataclass(frozen=True)
class Prediction:
    """What a model says of an answer.

    Attributes:
        value: the mean of a target, or what the chances of a label are made of, at `at`.
        at: indices of the answer's axes, and for a label the class.
        is_score: whether the chances are the softmax of the value.
    """

    value: sympy.Expr
    at: tuple[Index, ...]
    is_score: bool = False

    @property
    def reads(self) -> frozenset[str]:
        """The variables that it reads."""
        return frozenset(ref.name for ref in refs(self.value))


def predicted(system: System, answer: Variable) -> Prediction | str:
    """What a model says of an answer.

    Args:
        system: the prepared system of one example.
        answer: a label or a target.

    Returns:
        The prediction; or why there is none, as a sentence that says how to mend it.
    """
    said = f"{answer.name}.predicted"
    mend = f"say what is fed back: {said}[t] = ..."
    if said in system.by_name:
        return _said(system, answer, system.by_name[said], mend)
    kind = "distribution that it looks up" if answer.role is Role.LABEL else "m of a (y[t] - m)**2"
    find = _looked_up if answer.role is Role.LABEL else _squared
    relevant = precedents(system, ["loss"])
    found = {
        (p.value.xreplace(dict(zip(p.at, _canonical(p.at), strict=True))), p.is_score): p
        for e in system.equations
        if e.target in relevant
        for p in find(system, e, answer)
    }
    if not found:
        return f"nothing in the loss tells what the model predicts for {answer.name}[t] (no {kind}); {mend}"
    if len(found) > 1:
        return f"the loss compares {answer.name}[t] with {len(found)} predictions; {mend}"
    return next(iter(found.values()))


def _canonical(at: tuple[Index, ...]) -> tuple[Index, ...]:
    return tuple(Index(f"_{n}", index.axis) for n, index in enumerate(at))


def _said(system: System, answer: Variable, said: Variable, mend: str) -> Prediction | str:
    """The prediction that the file gives itself."""
    wanted = cells(answer)
    if said.axes != wanted:
        shape = ", ".join(axis.name for axis in wanted)
        return f"{said.name} has ({', '.join(a.name for a in said.axes)}) entries, and ({shape}) are needed; {mend}"
    taken = set(system.by_name)
    at = tuple(fresh(axis, taken) for axis in wanted)
    return Prediction(Ref(said.name, *at), at)


def cells(answer: Variable) -> tuple[Axis, ...]:
    """The axes of a prediction: a label's has its classes."""
    return answer.axes if answer.classes is None else (*answer.axes, Axis(answer.classes))


def _looked_up(system: System, equation: Equation, label: Variable) -> Iterator[Prediction]:
    """The variables `p` that are read as `p[t, y[t]]`: under a logarithm chances, else scores."""
    taken = {v.name for v in system.variables}

    def walk(expression: sympy.Expr, in_log: bool) -> Iterator[Prediction]:
        if isinstance(expression, Ref):
            at = _picked(expression, label, system, taken)
            if at and (in_log or _is_score(system, system.by_name[expression.name])):
                yield Prediction(Ref(expression.name, *at), at, not in_log)
            elif not at and in_log and system.by_name[expression.name].is_generated:
                named = _defined(system, expression)  # an argument that derive gave a name
                yield from walk(named, True) if named is not None else ()
            return
        inside = in_log or isinstance(expression, functions.log)
        for argument in expression.args:
            yield from walk(argument, inside)

    yield from walk(equation.right, False)
    yield from _entry(system, equation, label)


def _entry(system: System, equation: Equation, label: Variable) -> Iterator[Prediction]:
    """Scores of which the loss has the label's entry written out: `W[y[t], j]*h[t, j]` of `W[i, j]*h[t, j]`."""
    right = _opened(system, equation.right, label)
    chosen = {r for r in refs(right) if r.name == label.name and isinstance(r.subscripts[0], Index)}
    taken = {v.name for v in system.variables}
    for look_up in sorted(chosen, key=str):
        step = look_up.subscripts[0]
        entry = fresh(Axis(label.classes), {*taken, *(str(s) for s in right.atoms(sympy.Symbol))})
        mine = [term for term in terms(right) if term.body.has(look_up)]
        scales = {factors(term.body)[0] for term in mine}
        ranges = {r.index: r for term in mine for r in (*equation.domain, *term.ranges)}
        if len(scales) != 1 or step not in ranges:
            continue
        read = [replace(t, body=sympy.Mul(*factors(t.body)[1]).xreplace({look_up: entry})) for t in mine]
        shape = _shape(read, (step, entry), taken)
        for score in _scores(system):
            whole = tuple(r.index for r in score.domain if r.index in score.right.subscripts)
            said = _defined(system, score.right)
            if len(whole) == 2 and said is not None and _shape(terms(said), score.right.subscripts, taken) == shape:
                yield Prediction(score.right, score.right.subscripts, True)


def _shape(found: Iterable[Term], at: tuple[sympy.Expr, ...], taken: Iterable[str]) -> frozenset[sympy.Expr]:
    """Terms with their indices named in order, to compare them."""
    outer = tuple(Range.whole(index) for index in at if isinstance(index, Index))
    parts = []
    for term in found:
        inner = tuple(r for r in term.ranges if r.index not in at)
        parts.append(canonical(Equation("", at, term.body, (*outer, *inner)), taken).right)
    return frozenset(parts)


def _scores(system: System) -> list[Equation]:
    """The equations that take the logarithm of a sum of exponentials over all of a variable's last axis."""
    found = []
    for equation in system.equations:
        if equation.reduction is Reduction.LOGSUMEXP and isinstance(equation.right, Ref) and equation.right.subscripts:
            last = equation.right.subscripts[-1]
            whole = any(r.index == last and r == Range.whole(r.index) for r in equation.domain)
            if whole and last not in equation.subscripts:
                found.append(equation)
    return found


def _picked(ref: Ref, label: Variable, system: System, taken: Iterable[str]) -> tuple[Index, ...]:
    """Indices of all entries, where a reference is to the one that the label of the same step chooses."""
    *before, last = ref.subscripts or (None,)
    if not isinstance(last, Ref) or last.name != label.name or last.subscripts != tuple(before):
        return ()
    variable = system.by_name[ref.name]
    if variable.role is not Role.VAR or not all(isinstance(s, Index) for s in before):
        return ()
    return (*before, fresh(variable.axes[-1], set(taken)))


def _is_score(system: System, variable: Variable) -> bool:
    """Whether a logarithm of a sum of exponentials is taken over the variable's last axis."""
    return any(equation.right.name == variable.name for equation in _scores(system))


def _squared(system: System, equation: Equation, target: Variable) -> Iterator[Prediction]:
    """The `m` of every `(a*(y[t] - m))**2`."""
    for power in equation.right.atoms(sympy.Pow):
        if power.exp != 2:
            continue
        base = _opened(system, power.base, target)
        answers = {r for r in refs(base) if r.name == target.name}
        if len(answers) != 1:
            continue
        (answer,) = answers
        at = answer.subscripts
        if not all(isinstance(s, Index) for s in at) or len(set(at)) != len(at):
            continue
        y = sympy.Dummy()
        expanded = sympy.expand(base.xreplace({answer: y}))
        factor = expanded.coeff(y, 1)
        rest = sympy.expand(expanded - factor * y)
        mean = sympy.expand(-rest / factor) if factor != 0 else sympy.nan
        if not mean.has(y) and not set(indices(mean)) - set(at) and factor != 0 and not factor.has(y):
            yield Prediction(mean, at)


def _opened(system: System, expression: sympy.Expr, answer: Variable) -> sympy.Expr:
    """An expression with what rests on the answer of the same step put in, as far as each has one equation."""
    for _ in range(len(system.equations)):
        others = [r for r in refs(expression) if r.name != answer.name]
        known = {r: _defined(system, r) for r in others if answer.name in at_once(system, [r.name])}
        if not known or None in known.values():
            break
        expression = expression.xreplace(known)
    return expression


def _defined(system: System, ref: Ref) -> sympy.Expr | None:
    """What a reference is by its one equation."""
    equations = system.defining.get(ref.name, ())
    return definition(ref, equations, equations[0].domain) if len(equations) == 1 else None


def shift(ref: Ref) -> sympy.Expr:
    """How far from the step itself a reference reads."""
    return split(ref.subscripts[0])[1] if ref.subscripts else sympy.Integer(0)


def at_once(system: System, names: Iterable[str]) -> frozenset[str]:
    """What the variables depend on without going to another step, the answers among it."""
    now: dict[str, set[str]] = {}
    for equation in system.equations:
        now.setdefault(equation.target, set()).update(r.name for r in refs(equation.right) if shift(r) == 0)
    seen, stack = set(names), list(names)
    while stack:
        fresh_names = now.get(stack.pop(), set()) - seen
        seen |= fresh_names
        stack += fresh_names
    return frozenset(seen)
