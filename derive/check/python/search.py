"""Looks for the edit of a person's function that makes its gradients right: where it is, the mistake was made."""

from __future__ import annotations

import ast
import functools
import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from derive.check.python.edits import WAVES, candidates
from derive.check.python.edits.places import Places
from derive.check.python.feeds import Feeds
from derive.check.python.known import known_values, suspects, values_of_the_model
from derive.check.python.points import Point
from derive.check.python.process import ask
from derive.check.python.source import Edit, Source, element_shapes
from derive.check.python.tracing import adding
from derive.interpret import Array

SECONDS = 20.0  # of all searching together
_MOST = 12000  # candidates at a time
_MOST_FAULTS = 3
_SIGN = len("the sign of")
_SUSPECTED = 5  # lines that are tried before others

Records = Sequence[tuple[int, str, Array]]


@dataclass(frozen=True)
class Repair:
    """An edit that undoes a mistake.

    Attributes:
        edit: the edit.
        mended: the parameters that it makes right.
        correct: the line as it should be, or one that is to be added.
        lead: which of these it is.
    """

    edit: Edit
    mended: tuple[str, ...]
    correct: str
    lead: str


@dataclass(frozen=True)
class Case:
    """What is searched: the file, the points, and what came of the calls."""

    file: Path
    source: Source
    points: Sequence[Point]
    right: frozenset[str]
    records: Records
    wrong: frozenset[int]
    idle: bool

    @property
    def names(self) -> list[str]:
        """The parameters in order."""
        return list(self.points[0].truth)


def repairs(case: Case) -> tuple[list[Repair], list[int]]:
    """The edits that make the gradients right, one for each mistake, and the lines that are suspected besides.

    No edits are found where the mistake is none of the table's.
    """
    deadline = time.monotonic() + SECONDS
    known = known_values(case.points[0])
    found: list[Repair] = []
    names = [function.name for function in case.source.functions]
    lines = suspects(case.records, adding(case.source.tree, names), known)
    for _ in range(_MOST_FAULTS):
        best = _best(case, known, lines, deadline)
        if best is None:
            break
        found.append(best)
        text = case.source.apply(best.edit)
        source = Source(text, ast.parse(text), case.source.name, case.source.shapes)
        case = replace(case, source=source, right=case.right | set(best.mended))
        if set(case.names) <= case.right:
            break
    return found, lines


def _best(case: Case, known: Mapping[str, Array], lines: list[int], deadline: float) -> Repair | None:
    """The edit that mends most; of those that mend all, the one that leaves the values behind that must be there.

    The many edits of the last wave are tried at the likeliest lines, elsewhere where no others mend anything.
    """
    order = {line: n for n, line in enumerate(lines)}
    places = _places(case)
    near = [candidates(places, rules) for rules in WAVES[:-1]]
    partial: list[_Found] = []
    for last in (True,) if case.idle else (False, True):  # what is never added to is mended by the last
        where = places if last else replace(places, only=frozenset(lines[:_SUSPECTED]) or frozenset({0}))
        waves = [*(near if case.idle or not last else []), candidates(where, WAVES[-1])]
        found = _tried(case, _batches(case, waves, order), known, order, deadline)
        full = [entry for entry in found if entry.mask == (1 << len(case.names)) - 1]
        if full:
            return _repair(case, min(full))
        partial += found
        if partial:
            break
    return _repair(case, min(partial, key=lambda e: (-e.mask.bit_count(), e.rank))) if partial else None


def _kind(edit: Edit) -> str:
    """The mistake: what is missing here may be missing in other lines, as may a sign."""
    return edit.fault[:_SIGN] if edit.fault.startswith("the sign of") else edit.fault


@dataclass(frozen=True, order=True)
class _Found:
    """An edit that mends something, the best one the least."""

    rank: tuple[float, ...]
    mask: int
    edit: Edit = field(compare=False)


def _tried(
    case: Case, batches: Sequence[Sequence[Edit]], known: Mapping[str, Array], order: Mapping[int, int], deadline: float
) -> list[_Found]:
    left = deadline - time.monotonic()
    edits = [edit for batch in batches for edit in batch]
    if left < 0.5 or not edits:
        return []
    told = _ask(case, batches, known, left)
    unknown = told.get("unknown", {})
    return [_Found(_rank(edits[n], unknown.get(str(n)), order), mask, edits[n]) for n, mask in told.get("masks", [])]


def _batches(case: Case, waves: Sequence[list[Edit]], order: Mapping[int, int]) -> list[list[Edit]]:
    """Edits to try together: first all of the likeliest lines, then wave by wave those of the others.

    Likely is what wrong gradients come through and right ones do not, and then what is suspected. A gradient that is
    zero was never added to, wherever lines are suspected.
    """
    feeds = Feeds(case.source, case.names)
    wrong = [name for name in case.names if name not in case.right]

    @functools.cache
    def likely(line: int) -> tuple[float, ...]:
        return (*feeds.doubt(line, wrong, sorted(case.right)), order.get(line, len(order)))

    lines = sorted({edit.line for wave in waves for edit in wave}, key=lambda line: (likely(line), line))
    first = {*lines[:_SUSPECTED], *(line for line, n in order.items() if n < _SUSPECTED)}
    tried = [edit for wave in waves for edit in wave if edit.line in first]
    if case.idle:
        tried += [edit for edit in waves[-1] if edit.line not in first and "never added" in edit.fault]
    found = [sorted(tried, key=lambda e: (e.cost, likely(e.line), e.start))[:_MOST]]
    done = {id(edit) for edit in tried}
    for wave in waves:
        rest = [edit for edit in wave if id(edit) not in done]
        found.append(sorted(rest, key=lambda e: (likely(e.line), e.cost, e.start))[:_MOST])
    return found


def _rank(edit: Edit, unknown: int | None, order: Mapping[int, int]) -> tuple[float, ...]:
    """Low for what leaves known gradients behind at most lines, then for what is not far-fetched."""
    return (
        10**6 if unknown is None else unknown,
        edit.cost,
        order.get(edit.line, len(order)),
        edit.start,
        len(edit.text),
    )


def _repair(case: Case, found: _Found) -> Repair:
    mended = tuple(name for n, name in enumerate(case.names) if found.mask >> n & 1 and name not in case.right)
    return Repair(found.edit, mended, case.source.corrected(found.edit), case.source.lead(found.edit))


def _places(case: Case) -> Places:
    point = case.points[0]
    shapes = element_shapes(case.records)
    return Places(
        source=replace(case.source, shapes=shapes or case.source.shapes),
        params={name: array.shape for name, array in point.params.items()},
        data={name: array.shape for name, array in point.data.items()},
        forward={name: array.shape for name, array in point.forward.items()},
        started=frozenset(
            n for n, a in point.forward.items() if a.ndim and any(a.shape[0] == s + 1 for s in _steps(point))
        ),
        labels=frozenset(name for name, array in point.data.items() if array.dtype.kind in "iu"),
        valued=values_of_the_model(case.records, point),
    )


def _steps(point: Point) -> list[int]:
    return [size for name, size in point.sizes.items() if name[:1].isupper() and name != "B"]


def _ask(
    case: Case, batches: Sequence[Sequence[Edit]], known: Mapping[str, Array], seconds: float
) -> Mapping[str, Any]:
    source = case.source
    arrays = dict(known)
    for number, point in enumerate(case.points):
        arrays |= call_arrays(number, point)
        arrays |= {f"{number}/truth/{name}": array for name, array in point.truth.items()}
        arrays |= {f"{number}/bound/{name}": bound for name, bound in point.bounds.items()}  # type: ignore[misc]
    numbers = itertools.count()
    job = {
        "function": source.name,
        "functions": [function.name for function in source.functions],
        "spans": source.spans,
        "order": _order(case.points, case.wrong),
        "names": case.names,
        "base": sum(1 << n for n, name in enumerate(case.names) if name in case.right),
        "candidates": [[source.function_at(e), e.splice, _kind(e)] for batch in batches for e in batch],
        "batches": [[next(numbers) for _ in batch] for batch in batches],
        "of_search": seconds,
    }
    return ask(job, arrays, case.file, source.text, seconds + 5.0).told


def _order(points: Sequence[Point], wrong: frozenset[int]) -> list[int]:
    """The points, first those where the file itself is wrong, quick ones before others: most edits fail there."""

    def work(number: int) -> int:
        return max(_steps(points[number]), default=1) * points[number].sizes["B"]

    return sorted(range(len(points)), key=lambda number: (number not in wrong, work(number)))


def call_arrays(number: int, point: Point) -> dict[str, Array]:
    """What a point's call is given, as the child reads it."""
    groups = {"params": point.params, "data": point.data, "forward": point.forward}
    return {f"{number}/{kind}/{name}": array for kind, arrays in groups.items() for name, array in arrays.items()}
