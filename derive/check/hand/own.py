"""Names of the person's own: what they run over, which lines define them, and their shapes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import sympy

from derive.check.hand import rules
from derive.check.hand.claims import Claim, subscripts
from derive.check.hand.vocabulary import Vocabulary
from derive.expressions import Axis, AxisKind
from derive.language import names, rules_names
from derive.language.affines import NotAffine, Reported, affine
from derive.language.context import UNKNOWN, Scope
from derive.language.symbols import Defined
from derive.system import Role, Variable

if TYPE_CHECKING:
    from derive.check.hand.understanding import Understanding

Key = tuple[sympy.Expr | None, ...]


def settle(understanding: Understanding) -> None:
    """Find what each name of one's own runs over, which lines define it, and its shape."""
    vocabulary = understanding.vocabulary
    for name in vocabulary.own:
        about = [claim for claim in understanding.claims if claim.head == name and claim.fault is None]
        if not all([_may_be_named(claim, vocabulary) for claim in about]):  # each of them says so
            continue
        sequences = _sequences(about, vocabulary)
        if sequences is None:
            for claim in about:
                claim.refuse(rules.own_sequence_open(name))
            continue
        vocabulary.own[name] = Variable(name, Role.VAR, sequences)
        vocabulary.symbols.variables[name] = vocabulary.own[name]
        vocabulary.symbols.defined[name] = Defined(name, sequences)
        _part(about, sequences)
    for assume in range(3):
        for _ in vocabulary.own:
            for name in vocabulary.own:
                if name not in vocabulary.symbols.shapes:
                    _find_shape(name, understanding, assume)
    for claim in understanding.claims:
        if claim.fault is None and claim.head in vocabulary.own and claim.head not in vocabulary.symbols.shapes:
            understanding.read(claim)
            if claim.fault is None:
                claim.refuse(rules.own_shape_open(claim.head))


def _may_be_named(claim: Claim, vocabulary: Vocabulary) -> bool:
    """Whether a word may be a name of one's own; if not, its line is not understood."""
    name, symbols, sink = claim.head, vocabulary.symbols, claim.work.sink
    sequence = symbols.sequence_of(name)
    if name in symbols.sizes:
        sink.report(claim.line.left, rules_names.size_and_variable(name))
    elif sequence is not None and name == str(sequence.size).lower():
        sink.report(claim.line.left, rules_names.index_and_variable(name, str(sequence.size)))
    else:
        names.check(name, claim.line.left, sink)
    if sink.faults:
        claim.fault = sink.faults[0]
    return not sink.faults


def _part(about: list[Claim], sequences: tuple[Axis, ...]) -> None:
    """Decide which lines define a name: those about steps that no line before them is about."""
    covered: list[tuple[Key, str]] = []
    for claim in about:
        key = _key(claim, sequences)
        where = " ".join(map(ast.unparse, claim.line.conditions))
        claim.defines = not any(
            _within(key, other) if not there else key == other and where in ("", there) for other, there in covered
        )
        if claim.defines:
            covered.append((key, where))


def _within(key: Key, other: Key) -> bool:
    """Whether a line is about no step that another is not about."""
    return all(theirs is None or mine == theirs for mine, theirs in zip(key, other, strict=False))


def _key(claim: Claim, sequences: tuple[Axis, ...]) -> Key:
    """The literal steps of a left side, None where it has an index."""
    key: list[sympy.Expr | None] = []
    quiet = claim.work.quietly()
    for node, _ in zip(subscripts(claim.left_tree), sequences, strict=False):
        try:
            key.append(affine(node, Scope(), quiet))
        except (NotAffine, Reported):
            key.append(None)
    return tuple(key)


def _sequences(about: list[Claim], vocabulary: Vocabulary) -> tuple[Axis, ...] | None:
    """The sequences that the left sides of a name say; None where they leave that open."""
    best: tuple[Axis, ...] = ()
    literal = False
    for claim in about:
        axes: list[Axis] = []
        for node in subscripts(claim.left_tree):
            axis = _step_axis(node, vocabulary)
            if axis is None and isinstance(node, ast.Constant) and len(vocabulary.sequences) == 1:
                axis = vocabulary.sequences[0]
            literal |= axis is None and isinstance(node, ast.Constant)
            if axis is None:
                break
            axes.append(axis)
        best = max(best, tuple(axes), key=len)
    return None if literal and not best else best


def _step_axis(node: ast.expr, vocabulary: Vocabulary) -> Axis | None:
    """The sequence that a subscript is a step of; None where it says none."""
    symbols = vocabulary.symbols
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            axis = symbols.sequence_of(inner.id)
            if axis is None and inner.id in symbols.sizes and inner.id[:1].isupper():
                axis = Axis(symbols.sizes[inner.id], AxisKind.SEQUENCE)
            if axis is not None:
                return axis
    return None


def _find_shape(name: str, understanding: Understanding, assume: int) -> None:
    """Try to find the shape of a name from the lines that define it.

    `assume` says what is assumed: 1 that what is open is a scalar to a reduction, 2 that numbers alone are a scalar.
    """
    vocabulary = understanding.vocabulary
    for claim in understanding.claims:
        if claim.head != name or not claim.defines or claim.fault is not None:
            continue
        work = claim.work.quietly()
        work.vectors_assumed, work.reductions_assumed = True, assume > 0
        sequences = vocabulary.own[name].axes
        scope, indices = understanding.scope(claim, work, sequences, None)
        named = [index for index in indices if index.axis.kind is AxisKind.FEATURE]
        assert claim.right_tree is not None
        value = work.value(claim.right_tree, scope)
        open_ = value.axes is None or any(index.axis is UNKNOWN for index in named)
        if open_ or (value.number and not named and assume < 2):
            continue
        axes = (*(index.axis for index in named), *(value.axes or ()))
        vocabulary.own[name] = Variable(name, Role.VAR, (*sequences, *axes))
        vocabulary.enter(vocabulary.own[name])
        return
