"""Definitions whose shape is at fault: the definition does not fit, or what rests on it does not.

Such a name has no values to compare. Each form of its line with one mistake undone is put into the file, and what rests
on it is read and judged anew.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from derive.check.hand.claims import Claim
from derive.check.hand.derivation import Derivation
from derive.check.hand.diagnosis.found import Diagnosis
from derive.check.hand.diagnosis.meanings import EDITS, Meant, edits
from derive.check.hand.diagnosis.mistakes import Mend, Mistake
from derive.check.hand.diagnosis.tried import holds
from derive.check.hand.lines import HandLine
from derive.check.hand.spelling import plain, spelled, words
from derive.check.hand.understanding import Understanding
from derive.check.hand.vocabulary import Vocabulary
from derive.language.source import Source

EACH = 60  # forms of a definition with the same mistake undone
MOST = 200  # forms of a definition that are read
JUDGED = 40  # those that fit and are compared with what is true
SOME = 6  # lines that rest on a definition and are judged with each form of it


@dataclass(frozen=True)
class Reshaped:
    """A definition whose shape was at fault.

    Attributes:
        definition: the line.
        diagnosis: what is wrong with it.
        righted: the numbers of the lines that are right with the definition as it should be.
    """

    definition: Claim
    diagnosis: Diagnosis
    righted: frozenset[int]


def reshaped(derivation: Derivation) -> Iterator[Reshaped]:
    """The definitions that do not fit, or with which nothing fits that rests on them; each with what mends it."""
    for definition in derivation.claims:
        if definition.defines and (definition.fault is None or definition.is_wrong):
            if definition.is_wrong or _is_suspect(derivation, definition, resting_on(derivation, definition)):
                found = with_other_shape(derivation, definition)
                if found is not None:
                    yield found


def resting_on(derivation: Derivation, definition: Claim) -> list[Claim]:
    """The lines that rest on a definition."""
    return [c for c in derivation.claims if not c.defines and definition.head in derivation.depends_on(c)]


def _is_suspect(derivation: Derivation, definition: Claim, resting: Sequence[Claim]) -> bool:
    """Whether a definition has a shape that fits nowhere, and stands for nothing of the model."""
    misfit = [claim for claim in resting if claim.is_wrong]
    if not misfit or any(c.right is not None and holds(derivation, c) for c in resting):
        return False
    return not Meant(derivation, definition, {}).is_natural


def with_other_shape(derivation: Derivation, definition: Claim) -> Reshaped | None:
    """The form of a definition with which most of the lines that rest on it are right; None where none is."""
    resting = resting_on(derivation, definition)[:SOME]
    best: tuple[Mistake, Mend] | None = None
    righted: frozenset[int] = frozenset()
    judged = 0
    for row, mend in _few_first(edits(derivation, definition, EDITS, EACH))[:MOST]:
        lines = _with(derivation, definition, mend.tree, resting)
        if not _fits(derivation, lines, {c.line.number for c in resting if c.right is None}):
            continue
        judged += 1
        right = _right(Derivation(derivation.model, lines, derivation.points))
        if len(right) > len(righted):
            best, righted = (row, mend), right
        if len(righted) == len(resting) or judged == JUDGED:
            break
    if best is None:
        return None
    row, mend = best
    line = definition.line
    text = mend.text(words(line))
    return Reshaped(definition, Diagnosis((row.name,), text, (plain(line.left),), spelled(line, mend.tree)), righted)


def _few_first(found: Sequence[tuple[Mistake, Mend]]) -> list[tuple[Mistake, Mend]]:
    """The mistakes of which a line has few forms come first: those of shape are among them."""
    counts = Counter(row.name for row, _ in found)
    return sorted(found, key=lambda one: counts[one[0].name])


def _with(derivation: Derivation, definition: Claim, tree: ast.expr, resting: Sequence[Claim]) -> list[HandLine]:
    """Some lines, and those that define what they rest on, with another form of one definition."""
    names = {definition.head} | {name for claim in (definition, *resting) for name in derivation.depends_on(claim)}
    kept = [c for c in derivation.claims if (c.defines and c.head in names) or any(c is other for other in resting)]
    return [_other(c.line, tree) if c is definition else c.line for c in kept]


def _fits(derivation: Derivation, lines: Sequence[HandLine], numbers: set[int]) -> bool:
    """Whether definitions fit, and of some lines at least one; of no lines that is so."""
    claims = Understanding(Vocabulary(derivation.model), lines).claims
    if any(c.defines and c.right is None for c in claims):
        return False
    return not numbers or any(c.right is not None for c in claims if c.line.number in numbers)


def _right(derivation: Derivation) -> frozenset[int]:
    """The numbers of the lines that are right."""
    claims = [c for c in derivation.claims if not c.defines and c.right is not None]
    return frozenset(claim.line.number for claim in claims if holds(derivation, claim))


def _other(line: HandLine, tree: ast.expr) -> HandLine:
    """A line with another right side, as a text of its own: every node has its place in it."""
    text = f"({ast.unparse(tree)})"
    right = ast.parse(text, mode="eval").body
    left, conditions = copy.deepcopy((line.left, line.conditions))
    for node in (inner for part in (left, *conditions) for inner in ast.walk(part)):
        if isinstance(node, ast.expr | ast.keyword):
            ast.copy_location(node, right)
    return replace(line, left=left, right=right, conditions=conditions, source=Source(text, "<mend>"))
