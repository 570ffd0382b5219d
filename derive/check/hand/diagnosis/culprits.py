"""A definition at fault, and what is said of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from derive.check.hand.claims import Claim, Side
from derive.check.hand.diagnosis.found import Diagnosis
from derive.check.hand.diagnosis.mistakes import Mend, Mistake
from derive.check.hand.diagnosis.trees import same
from derive.check.hand.spelling import spelled, words


@dataclass(frozen=True)
class Culprit:
    """A name that is defined wrongly.

    Attributes:
        definition: the line at fault.
        diagnosis: what is wrong with it, and the line as it should be.
        sides: what the lines that define it should be worth.
    """

    definition: Claim
    diagnosis: Diagnosis
    sides: tuple[tuple[Claim, Side], ...]


def said(definition: Claim, row: Mistake, mend: Mend, meant: str) -> Diagnosis:
    """What is said of a definition with one mistake; `meant` says what it stands for, where that is known."""
    line = definition.line
    text = f"{meant}; {mend.text(words(line))}" if meant else mend.text(words(line))
    return Diagnosis((row.name,), text, (mend.where,), spelled(line, mend.tree))


def there(tree: ast.expr, left: ast.expr) -> ast.expr:
    """A tree in the place of a left side: what is said of its place is said of that."""
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.keyword):
            ast.copy_location(node, left)
    return tree


def says_itself(definition: Claim, right: ast.expr) -> bool:
    """Whether a right side of a definition reads what it defines, at the same step."""
    return any(isinstance(node, ast.expr) and same(node, definition.line.left) for node in ast.walk(right))
