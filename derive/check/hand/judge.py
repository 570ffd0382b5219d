"""The verdict on each line."""

from __future__ import annotations

import ast
from dataclasses import replace

import numpy as np

from derive.check.hand import columns, rules, starts
from derive.check.hand.claims import WRONG, Claim
from derive.check.hand.derivation import Derivation
from derive.check.hand.diagnosis.diagnose import diagnose, diagnose_definition
from derive.check.hand.lines import Unread
from derive.check.hand.numbers import PRECISION, agree
from derive.check.hand.products import BATCH
from derive.check.hand.result import LineVerdict
from derive.check.hand.spelling import plain, spelled, words
from derive.errors import Fault
from derive.interpret import Array
from derive.language.problem import Problem

OF = 30  # characters of the left side of a line that could not be read


def judge(derivation: Derivation, claim: Claim) -> LineVerdict:
    """What is said of one claim."""
    if claim.fault is not None and not claim.is_wrong:
        return faulty(derivation, claim, claim.fault)
    if claim.defines and claim.fault is None:
        return _defined(derivation, claim)
    for name in derivation.depends_on(claim):
        bad = next((c for c in derivation.claims if c.defines and c.head == name and c.fault is not None), None)
        if bad is not None and bad is not claim:
            return _said(
                claim, "not understood", Fault(f"{name} is not defined as it should be, see line {bad.line.number}")
            )
    if claim.fault is not None:
        return faulty(derivation, claim, claim.fault)
    assert claim.right is not None
    default = starts.default_of(claim, derivation.model.system)
    if default is not None and not derivation.is_right(claim, claim.right):
        return _restated(derivation, claim, default)
    if not derivation.holds_somewhere(claim):
        return _said(claim, "not understood", _fault(claim, rules.holds_nowhere()))
    strict = columns.misfit(claim) if claim.line.notation == "latex" else None
    if strict is None and derivation.is_right(claim, claim.right):
        if not derivation.reads_nothing(claim, claim.right):
            from derive.check.hand.proof import proves

            proved = proves(derivation, claim)
            return LineVerdict(claim.line.number, claim.of, "right", proved, text=claim.line.text)
    return wrong(derivation, claim)


def _defined(derivation: Derivation, claim: Claim) -> LineVerdict:
    """What is said of a definition: it is neither right nor wrong, but it may make other lines wrong."""
    found = diagnose_definition(derivation, claim)
    if found is None:
        return LineVerdict(claim.line.number, claim.of, "definition", text=claim.line.text)
    said = _said(claim, "definition", Fault(found.text), found.correct)
    return replace(said, where=_places(claim, found.where), mistakes=found.names)


def _restated(derivation: Derivation, claim: Claim, default: Array) -> LineVerdict:
    """What is said of a line that repeats a start of the model: it is compared with what the file says."""
    assert claim.right is not None
    for found in derivation.values(claim, claim.right):
        if not agree(np.broadcast_to(default.T, found.value.shape), found.value):
            plain_default = f"{claim.of} = {default:g}" if not default.ndim else f"another {claim.of}"
            return _said(claim, "wrong", Fault(f"the model has {plain_default}"))
    return LineVerdict(claim.line.number, claim.of, "right", True, text=claim.line.text)


def wrong(derivation: Derivation, claim: Claim) -> LineVerdict:
    """What is said of a line that is not right: a shape that does not fit, a step that is not there, or by how much."""
    assert claim.right is not None
    misfit = columns.misfit(claim)
    if misfit is not None:
        for tree in columns.mends(claim, misfit):
            side = derivation.side(claim, tree)
            if not isinstance(side, Fault) and derivation.is_right(claim, side):
                fault = columns.fault_of(claim, misfit)
                said = _said(claim, "wrong", fault, spelled(claim.line, tree))
                return replace(said, where=_places(claim, (plain(misfit.right),)), mistakes=("order of factors",))
        if claim.line.notation == "latex":
            fault = columns.fault_of(claim, misfit)
            if derivation.is_right(claim, claim.right):
                return _said(claim, "wrong", fault)
            return _explained(derivation, claim, fault, always=True)
    if derivation.reads_nothing(claim, claim.right):
        return _explained(derivation, claim, Fault("it reads a step at which the model has no value"), always=True)
    return _explained(derivation, claim, Fault(difference(derivation, claim)))


def _explained(derivation: Derivation, claim: Claim, fault: Fault, always: bool = False) -> LineVerdict:
    """A wrong line with its mistake, where one is found.

    A fault that no mistake makes plain is said before it: a shape that does not fit, what is read where nothing is
    (`always`), by how much the sides differ.
    """
    found = diagnose(derivation, claim)
    if found is None:
        return _said(claim, "wrong", _along_the_graph(claim, fault))
    unnamed = not found.names and found.line is None
    first = f"{fault.message}; " if claim.is_wrong or always or unnamed else ""
    said = _said(claim, "wrong", replace(fault, message=f"{first}{found.text}", hint=""), found.correct)
    return replace(said, where=_places(claim, found.where), mistakes=found.names, brief="" if first else found.brief)


def _along_the_graph(claim: Claim, fault: Fault) -> Fault:
    """The fault of a Jacobian with a word on what one is: in print it is often the derivative of one equation alone."""
    if claim.of.startswith("jac(") and not fault.hint:
        return replace(fault, hint="a Jacobian is along the whole graph: every way from the one to the other counts")
    return fault


def difference(derivation: Derivation, claim: Claim) -> str:
    """By how much and where the two sides differ, said at the first point and the entry where that is most."""
    assert claim.right is not None
    for number, true in enumerate(derivation.truth(claim)):
        said = derivation.value_at(claim, claim.right, number)
        off = np.where(true.holds, np.abs(true.value - said.value), 0.0)
        scale = max(float(np.abs(true.kept).max(initial=0.0)), 1e-6)
        if not off.size or (off.max() <= PRECISION * scale and np.isfinite(off).all()):
            continue
        at = np.unravel_index(int(np.argmax(np.where(np.isfinite(off), off, np.inf))), off.shape)
        point = derivation.points[number]
        values = reversed(at)
        places = [
            (reach.index.name.partition("'")[0], int(v) + _first(reach, point.sizes))
            for reach, v in zip(claim.domain, values, strict=True)
        ]
        names = [f"{name} = {place}" for name, place in places if name]
        entries = [str(place) for name, place in places if not name]
        names += [f"entry {', '.join(entries)}"] if entries else []
        lengths = ", ".join(f"{n} = {v}" for n, v in point.sizes.items() if n[:1].isupper() and n != BATCH)
        where = f" at {', '.join(names)}" if names else ""
        among = f" ({lengths})" if lengths else ""
        return f"the sides differ: {said.value[at]:.4g} is said{where}, {true.value[at]:.4g} is true{among}"
    return "the sides differ"


def _first(reach: object, sizes: dict[str, int]) -> int:
    from derive.check.hand.broadcast import Grid

    first = Grid(sizes, {}).whole(reach.first) if not reach.first.has(type(reach.index)) else 0  # type: ignore[attr-defined]
    return int(first)


def faulty(derivation: Derivation, claim: Claim, fault: Fault) -> LineVerdict:
    """What is said of a line that does not fit or that was not understood."""
    if claim.is_wrong and claim.defines:
        found = diagnose_definition(derivation, claim)
        if found is not None:
            said = _said(claim, "wrong", replace(fault, message=f"{fault.message}; {found.text}"), found.correct)
            return replace(said, where=_places(claim, found.where), mistakes=found.names)
    elif claim.is_wrong and claim.left is not None:
        return _explained(derivation, claim, fault)
    return _said(claim, "wrong" if fault.rule in WRONG else "not understood", fault)


def unread(line: Unread) -> LineVerdict:
    """What is said of a statement that could not be read."""
    column, width = _place(line.fault, line.text)
    left, equals, _ = line.text.partition("=")
    of = left.strip(" &") if equals and len(left) <= OF else ""
    return LineVerdict(
        line.number, of, "not understood", fault=line.fault.message, text=line.text, hint=line.fault.hint,
        column=column, width=width,
    )  # fmt: skip


def _said(claim: Claim, verdict: str, fault: Fault, correct: str | None = None) -> LineVerdict:
    column, width = _place(fault, claim.line.text)
    fault = replace(fault, hint=rules.mend_in_derivation(fault.rule, fault.message, fault.hint))
    return LineVerdict(
        claim.line.number, claim.of, verdict, fault=fault.message, correct=correct, text=claim.line.text,  # type: ignore[arg-type]
        hint=fault.hint, column=column, width=width,
    )  # fmt: skip


def _places(claim: Claim, where: tuple[str, ...]) -> tuple[str, ...]:
    """Parts of a line in the notation of its file."""
    say = words(claim.line)
    found = []
    for text in where:
        try:
            found.append(say(ast.parse(text, mode="eval").body))
        except SyntaxError:  # words, not mathematics
            found.append(text)
    return tuple(found)


def _place(fault: Fault, text: str) -> tuple[int, int]:
    """Where in a statement's one line a fault is; 0 where that cannot be told."""
    if fault.place is None:
        return 0, 1
    meant = " ".join(fault.place.text[fault.place.column - 1 :][: fault.place.width].split())
    at = text.find(meant) if meant else -1
    return (at + 1, len(meant)) if at >= 0 and meant != text else (0, 1)


def _fault(claim: Claim, problem: Problem) -> Fault:
    return Fault(problem.message, None, problem.hint, problem.rule)
