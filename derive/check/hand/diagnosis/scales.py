"""A line, or one of its terms, that is right but for its sign or a constant factor."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from derive.check.hand.diagnosis import words
from derive.check.hand.diagnosis.found import Found
from derive.check.hand.diagnosis.trees import Term, joined, tidied
from derive.check.hand.spelling import plain
from derive.interpret import Array

if TYPE_CHECKING:
    from derive.check.hand.diagnosis.search import Search


def negative(search: Search) -> Found | None:
    """The line with the signs of all its terms turned."""
    from derive.check.hand.diagnosis.search import SIGN

    rest = search.rest()
    if rest is None or not search.values.is_small(2 * search.values.goal - rest) or not np.any(search.values.goal):
        return None
    right = tidied(joined([Term(term.node, not term.minus) for term in search.terms]))
    if not search.values.is_right(right):
        return None
    return Found((SIGN,), ("the sign is wrong: it is the negative",), (plain(search.claim.line.right),), right)


def constant(search: Search) -> Found | None:
    """The line, or one of its terms, with a factor that is a number or a length."""
    rest = search.rest()
    if rest is None:
        return None
    goal = search.values.goal
    found = _scaled(search, goal - rest, goal, list(range(len(search.terms))))
    for n, value in enumerate(search.now) if len(search.terms) > 1 else ():
        others = search.rest(n)
        if found is None and value is not None and others is not None:
            found = _scaled(search, value, others, [n])
    return found


def _scaled(search: Search, value: Array, goal: Array, picked: list[int]) -> Found | None:
    from derive.check.hand.diagnosis.search import SIGN

    square = float((value * value).sum())
    if square < 1e-20:
        return None
    ratio = float((goal * value).sum()) / square
    if abs(ratio) < 1e-9 or not search.values.is_small(goal - ratio * value):
        return None
    whole = len(picked) == len(search.terms)
    for factor in _factors(search, ratio):
        scaled = [
            Term(ast.BinOp(factor, ast.Mult(), term.node), term.minus) if n in picked else term
            for n, term in enumerate(search.terms)
        ]
        right = joined(scaled)
        if whole:
            right = ast.BinOp(factor, ast.Mult(), search.claim.line.right)
        right = tidied(right)
        if search.values.is_right(right):
            part = search.claim.line.right if len(picked) > 1 else search.terms[picked[0]].node
            text = f"a constant factor is wrong: {search.say(factor)} times {search.say(part)}"
            if abs(ratio + 1) < 1e-9 and not whole:
                term = search.terms[picked[0]]
                return Found((SIGN,), (words.sign_of(term).format(search.say(term.node)),), (plain(part),), right)
            return Found(("constant factor",), (text,), (plain(part),), right)
    return None


def _factors(search: Search, ratio: float) -> Iterator[ast.expr]:
    """What a ratio may be: a length of a sequence, its inverse, or a simple number."""
    sizes = search.setting.derivation.points[0].sizes
    for name in search.setting.vocabulary.symbols.sizes:
        if name in sizes:
            for text, value in ((name, sizes[name]), (f"1 / {name}", 1 / sizes[name])):
                for sign in (1, -1):
                    if abs(ratio - sign * value) < 1e-6:
                        yield ast.parse(text if sign > 0 else f"-{text}", mode="eval").body
    for below in (1, 2, 3, 4, 6, 8):
        above = round(ratio * below)
        if above and abs(ratio * below - above) < 1e-6:
            number: ast.expr = ast.Constant(abs(above))
            made = number if below == 1 else ast.BinOp(number, ast.Div(), ast.Constant(below))
            yield made if above > 0 else ast.UnaryOp(ast.USub(), made)
            return
