"""The mistakes that are looked for in a person's code: each rule undoes one kind, wherever it can stand.

A rule takes the source and yields edits. Waves are tried one after another, the nearest first: a rule of a later wave
puts in what is missing, and there are many things to put in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from derive.check.python.edits.axes import axes
from derive.check.python.edits.factors import activations, factors, scales, softmaxes, terms
from derive.check.python.edits.indices import numbers, ranges, steps
from derive.check.python.edits.inserted import accumulations, carried, onehots, products, resets
from derive.check.python.edits.names import exchanged, keys, names
from derive.check.python.edits.operators import calls, drops, operators, signs, transposes
from derive.check.python.edits.places import Places
from derive.check.python.edits.whole import augmented, moves, scattered, summed
from derive.check.python.source import Edit

Rule = Callable[[Places], Iterator[Edit]]
# Rules that put one text in another's place: the same mistake is made wherever a statement has that text.
_TEXTUAL = (steps, names)
_NEAR: tuple[Rule, ...] = (
    transposes, signs, steps, ranges, augmented, operators, numbers, drops, calls, axes, keys, names, exchanged, moves,
    scattered, activations,
)  # fmt: skip
_MISSING: tuple[Rule, ...] = (summed, softmaxes, terms, carried, onehots, scales, resets)
WAVES: tuple[tuple[Rule, ...], ...] = (_NEAR, _MISSING, (factors,), (products, accumulations))


def candidates(places: Places, rules: Iterable[Rule]) -> list[Edit]:
    """Every edit of the rules, each text once."""
    found: dict[tuple[int, int, str], Edit] = {}
    for rule in rules:
        for one in rule(places):
            for edit in (one, *(_everywhere(places, one) if rule in _TEXTUAL else ())):
                known = found.get(edit.splice)
                if known is None or edit.cost < known.cost:
                    found[edit.splice] = edit
    return [edit for edit in found.values() if edit.text != places.source.text[edit.start : edit.end]]


def _everywhere(places: Places, edit: Edit) -> Iterator[Edit]:
    """The same edit at every place of its statement that has the same text."""
    text = places.source.text
    for statement in places.assigning:
        start, end = places.source.span(statement.value)
        if start <= edit.start and edit.end <= end:
            whole = text[start:end]
            new, count = re.subn(
                rf"(?<![\w.]){re.escape(text[edit.start : edit.end])}(?!\w)", lambda _: edit.text, whole
            )
            if count > 1:
                yield Edit(start, end, new, edit.fault, edit.cost + 0.2, edit.line)
            return
