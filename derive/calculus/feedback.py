"""Running freely: the system in which a model reads its own predictions where training reads the true answers.

With teacher forcing `h[t]` rests on `y[t-1]`. What the model says of `y[t]` is found in its loss: the distribution that
is looked up at `y[t]`, the `m` of `(y[t] - m)**2`; or the file says it, `y.predicted[t] = ...`. The answers then are
variables like any other, and the ordinary scheduler finds the loop that they close.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy

from derive import functions
from derive.calculus.derivation import prepare
from derive.calculus.indices import fresh
from derive.calculus.predictions import Prediction, at_once, cells, predicted, shift
from derive.calculus.reach import dependents, precedents
from derive.expressions import Axis, AxisKind, Range, Ref, refs
from derive.functions import where
from derive.system import Equation, Reduction, Role, System, Variable


@dataclass(frozen=True)
class Feedback:
    """A model that runs freely.

    Attributes:
        system: its equations, of one example; what was predicted is defined by equations, and there is no loss.
        answers: the data that are fed back.
        results: the variables that a run leaves: the file's own, and the answers.
        sequence: the length of the sequence along which they are fed back.
    """

    system: System
    answers: tuple[str, ...]
    results: tuple[str, ...]
    sequence: sympy.Expr


def given_name(answer: str) -> str:
    """The true values of an answer, which are read at the steps of the mask."""
    return f"{answer}.given"


def mask_name(sequence: sympy.Expr) -> str:
    """The mask of the steps at which the true values are read."""
    return f"{sequence}.truth"


def feedback(prepared: System) -> Feedback | str:
    """The system of the open loop.

    Args:
        prepared: the prepared system of one example.

    Returns:
        The system; the reason why there is none, as a sentence for people; an empty one where nothing is fed back.
    """
    answers: dict[str, Prediction] = {}
    for variable in prepared.with_role(Role.LABEL, Role.TARGET):
        if len([axis for axis in variable.axes if axis.kind is AxisKind.SEQUENCE]) != 1:
            continue
        found = predicted(prepared, variable)
        if isinstance(found, str):
            if _is_read_later(prepared, variable):
                return found
        elif variable.name in precedents(prepared, found.reads):
            answers[variable.name] = found
    if not answers:
        return ""
    (sequence, *others) = dict.fromkeys(_steps(prepared.by_name[name]).size for name in answers)
    if others:
        return f"{' and '.join(answers)} are fed back along sequences of different lengths"
    for name, found in answers.items():
        now = {n for n in answers if n in at_once(prepared, found.reads)}
        if now:
            return f"the prediction of {name}[t] reads {' and '.join(f'{n}[t]' for n in sorted(now))} itself"
    return _open(prepared, answers, sequence)


def _steps(answer: Variable) -> Axis:
    return next(axis for axis in answer.axes if axis.kind is AxisKind.SEQUENCE)


def _is_read_later(system: System, answer: Variable) -> bool:
    """Whether something at each step rests on the answer of another, as no score of a whole sequence does."""
    same = {answer.name} | {
        e.target for e in system.equations if system.by_name[e.target].is_generated and _reads(e, answer.name)
    }
    later = {e.target for e in system.equations for r in refs(e.right) if r.name in same and shift(r) != 0}
    return any(_steps(answer) in system.by_name[name].axes for name in dependents(system, later))


def _reads(equation: Equation, name: str) -> bool:
    return any(ref.name == name for ref in refs(equation.right))


# The open loop.


def _open(system: System, answers: dict[str, Prediction], sequence: sympy.Expr) -> Feedback:
    """The system with the answers defined by their predictions, and without what only training needs."""
    variables = {v.name: v for v in system.variables}
    equations = list(system.equations)
    taken = set(variables)
    for name, prediction in answers.items():
        made, said = _fed(system, variables[name], prediction, set(taken))
        old = variables.pop(name)
        variables |= {v.name: v for v in made}
        given = replace(old, name=given_name(name))
        variables = {given.name: given, **variables, name: replace(old, role=Role.VAR, place=None)}
        equations += said
    steps = next(a for n in answers for a in variables[n].axes if a.size == sequence)
    mask = Variable(mask_name(sequence), Role.INPUT, (steps,))
    whole = replace(system, variables=(*variables.values(), mask), equations=tuple(equations))
    others = [v.name for v in system.with_role(Role.LABEL, Role.TARGET) if v.name not in answers]
    used = precedents(whole, tuple(answers))
    unread = dependents(whole, [n for n in others if n not in used])
    own = [v.name for v in system.with_role(Role.VAR) if not v.is_generated and v.name != "loss"]
    results = (*(n for n in own if n not in unread and n not in dependents(whole, ["loss"])), *answers)
    kept = precedents(whole, results)
    whole = replace(
        whole,
        variables=tuple(v for v in whole.variables if v.name in kept or v.role is Role.PARAM),
        equations=tuple(e for e in whole.equations if e.target in kept),
    )
    return Feedback(prepare(whole).system, tuple(answers), results, sequence)


def _fed(
    system: System, answer: Variable, prediction: Prediction, taken: set[str]
) -> tuple[list[Variable], list[Equation]]:
    """The variables and equations that make an answer: the true value where the mask says so, else the prediction."""
    own = f"{answer.name}.fed"
    at = tuple(fresh(axis, taken) for axis in answer.axes)
    domain = tuple(map(Range.whole, at))
    (step,) = (i for i in at if i.axis.kind is AxisKind.SEQUENCE)
    made: list[Variable] = [Variable(own, Role.VAR, answer.axes, answer.classes)]
    if answer.classes is None:
        right = prediction.value.xreplace(dict(zip(prediction.at, at, strict=True)))
        said = [Equation(own, at, right, domain)]
    else:
        entry = fresh(Axis(answer.classes), taken)
        right = prediction.value.xreplace(dict(zip(prediction.at, (*at, entry), strict=True)))
        inner = (*domain, Range.whole(entry))
        said = []
        known = _softmax(system, right) if prediction.is_score else None
        if known is not None:
            right = known
        elif prediction.is_score:
            lse, chance = f"{own}.lse", f"{own}.chance"
            made += [Variable(lse, Role.VAR, answer.axes), Variable(chance, Role.VAR, cells(answer))]
            said = [
                Equation(lse, at, right, inner, Reduction.LOGSUMEXP),
                Equation(chance, (*at, entry), functions.exp(right - Ref(lse, *at)), inner),
            ]
            right = Ref(chance, *at, entry)
        text = f"{own}[{step}] = the most probable class of {right.name}[{step}], or one that is drawn"
        said.append(Equation(own, at, right, inner, Reduction.CHOICE, text))
    mask = Ref(mask_name(step.axis.size), step)
    text = f"{answer.name}[{step}] = {own}[{step}], or the true one where truth[{step}]"
    fed = where(mask, Ref(given_name(answer.name), *at), Ref(own, *at))
    return made, [*said, Equation(answer.name, at, fed, domain, text=text)]


def _softmax(system: System, score: Ref) -> Ref | None:
    """The variable of the model that is the softmax of scores."""
    for equation in system.equations:
        values = dict(zip(equation.subscripts, score.subscripts, strict=False))
        if len(values) != len(score.subscripts) or not isinstance(equation.right, functions.exp):
            continue
        right = equation.right.args[0].xreplace(values)
        others = [r for r in refs(right) if r != score]
        if len(others) == 1 and right == score - others[0] and _is_lse(system, others[0], score):
            return Ref(equation.target, *score.subscripts)
    return None


def _is_lse(system: System, lse: Ref, score: Ref) -> bool:
    for equation in system.defining.get(lse.name, ()):
        values = dict(zip(equation.subscripts, lse.subscripts, strict=True))
        last = [r.index for r in equation.domain if r.index not in equation.subscripts]
        if equation.reduction is Reduction.LOGSUMEXP and len(last) == 1:
            return bool(equation.right.xreplace({**values, last[0]: score.subscripts[-1]}) == score)
    return False
