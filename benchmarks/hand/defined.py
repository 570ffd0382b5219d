"""Definitions of the person's own with mistakes in them: whether the line at fault is the one that is blamed.

Each sample is a whole file. Which of its claims are wrong then is told by finite differences.
"""

from __future__ import annotations

import ast
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from derive.check.hand import check_hand
from derive.check.hand.result import LineVerdict

from .cells import Misfit
from .corruptions import MISTAKES, at_every_place
from .finite import Point, is_true, parted
from .study import ACCEPTED, Study, canonical, sections


@dataclass(frozen=True)
class Defined:
    """A file with mistakes in definitions, or in a claim alone.

    Attributes:
        model: the model's name.
        kind: the mistakes.
        lines: the file: definitions, then claims.
        bases: the lines without the mistakes.
        wrong: the numbers of the claims that are wrong, from 1.
        faulty: the numbers of the definitions that have a mistake.
    """

    model: str
    kind: str
    lines: tuple[str, ...]
    bases: tuple[str, ...]
    wrong: frozenset[int]
    faulty: frozenset[int]


@dataclass(frozen=True)
class Blamed:
    """What the checker said of a file.

    Attributes:
        sample: the file.
        judged: whether every claim's verdict is what finite differences say.
        blamed: whether the lines with a mistake were blamed, all of them and no others.
        other: whether no definition was blamed, and each wrong claim was mended with what it rests on as it is.
        exact: whether each of the mistakes was named.
        seconds: how long it took, the whole file.
        verdicts: the lines' verdicts.
    """

    sample: Defined
    judged: bool
    blamed: bool
    other: bool
    exact: bool
    seconds: float
    verdicts: tuple[LineVerdict, ...]


class Definitions:
    """One derivation that is right, with definitions."""

    def __init__(self, name: str, lines: Sequence[str]) -> None:
        """The derivation, with points of its own."""
        self.study = Study(name)
        self.definitions = [line for line in lines if self.study.define(line)]
        self.claims = [line for line in lines if line not in self.definitions]
        self.lines = (*self.definitions, *self.claims)

    def samples(self, pairs: int, rng: random.Random) -> Iterator[Defined]:
        """Every mistake at every place of each definition; pairs across two; mistakes in claims, drawn at random."""
        ones = [list(self._corrupted(n)) for n in range(len(self.definitions))]
        for n, made in enumerate(ones):
            for kind, text in made:
                yield from self._sample(kind, {n: text})
        several = [n for n, made in enumerate(ones) if made]
        for _ in range(pairs if len(several) > 1 else 0):
            one, other = sorted(rng.sample(several, 2))
            (kind, text), (also, more) = rng.choice(ones[one]), rng.choice(ones[other])
            yield from self._sample(f"{kind} and {also}", {one: text, other: more})
        for n in range(len(self.definitions), len(self.lines)):
            made = list(self._corrupted(n))
            for kind, text in rng.sample(made, min(len(made), max(pairs // 2, 1))):
                yield from self._sample(kind, {n: text})

    def _corrupted(self, number: int) -> Iterator[tuple[str, str]]:
        left, right, condition = parted(self.lines[number])
        behind = "" if condition is None else f", {ast.unparse(condition)}"
        for kind, change in MISTAKES.items():
            for made in at_every_place(right, change, self.study.world):
                yield kind, f"{ast.unparse(left)} = {ast.unparse(made)}{behind}"

    def _sample(self, kind: str, changes: dict[int, str]) -> Iterator[Defined]:
        """The file with some lines changed, where that makes a claim wrong."""
        lines = tuple(changes.get(n, line) for n, line in enumerate(self.lines))
        defining = lines[: len(self.definitions)]
        for line in defining:  # what does not fit by itself is found before anything is computed
            if not fits(line, defining, self.study.points):
                return
        with_ = len(self.definitions)
        wrong = {n + 1 for n, line in enumerate(lines[with_:], with_) if not self.is_true(line, defining)}
        # A pair of which one mistake alone makes all the claims wrong that the other does not reach is a pair still.
        alone = [changes] if len(changes) < 2 else [{n: text} for n, text in changes.items()]
        for one in alone:
            some = tuple(one.get(n, line) for n, line in enumerate(self.definitions))
            if not any(not self.is_true(line, some) for line in lines[with_:]):
                return
        if wrong:
            faulty = frozenset(n + 1 for n in changes if n < with_)
            yield Defined(self.study.name, kind, lines, self.lines, frozenset(wrong), faulty)

    def is_true(self, line: str, definitions: Sequence[str]) -> bool:
        """Whether a claim is right where names have these definitions."""
        put(definitions, self.study.points)
        return is_true(line, self.study.points)

    def judged(self, sample: Defined) -> Blamed:
        """What the checker says of a file."""
        begin = time.process_time()
        verdicts = check_hand(self.study.model, "\n".join(sample.lines)).lines
        seconds = time.process_time() - begin
        defining = verdicts[: len(self.definitions)]
        claims = verdicts[len(self.definitions) :]
        said = {line.line: line.verdict for line in claims}
        # What rests on a definition that does not fit cannot be judged.
        false = {"wrong", "not understood"} if any(line.verdict == "wrong" for line in defining) else {"wrong"}
        judged = all(said[n] in (false if n in sample.wrong else {"right"}) for n in said)
        accused = {line.line for line in defining if line.fault is not None}
        blamed = accused == sample.faulty
        other = bool(sample.faulty) and not accused and self._is_mended(sample, claims)
        exact = blamed and all(self._is_exact(sample, verdicts[n - 1]) for n in sample.faulty)
        return Blamed(sample, judged, blamed, other, exact, seconds, verdicts)

    def _is_mended(self, sample: Defined, claims: Sequence[LineVerdict]) -> bool:
        """Whether the wrong claims were mended instead, each by one mistake: with what is defined that is as good."""
        wrong = [line for line in claims if line.line in sample.wrong]
        defining = sample.lines[: len(self.definitions)]
        return all(
            len(line.mistakes) == 1 and line.correct is not None and self.is_true(line.correct, defining)
            for line in wrong
        )

    def _is_exact(self, sample: Defined, verdict: LineVerdict) -> bool:
        if verdict.correct is None or not verdict.mistakes or len(verdict.mistakes) > 1:
            return False
        base = sample.bases[verdict.line - 1]
        if canonical(verdict.correct) == canonical(base):
            return True
        kinds = sample.kind.split(" and ")
        kind = kinds[sorted(sample.faulty).index(verdict.line)] if len(kinds) == len(sample.faulty) else ""
        fitting = ACCEPTED.get(kind, ())
        mended = [verdict.correct if n == verdict.line else line for n, line in enumerate(self.definitions, 1)]
        return set(verdict.mistakes) <= {*fitting} and all(self.is_true(line, mended) for line in self.claims)


def put(definitions: Sequence[str], points: Sequence[Point]) -> None:
    """Let the names of the person's own have these definitions at every point."""
    found = {}
    for line in definitions:
        left, right, _ = parted(line)
        assert isinstance(left, ast.Subscript) and isinstance(left.value, ast.Name)
        found[left.value.id] = (left, right)
    for point in points:
        point.define(found)


def fits(line: str, definitions: Sequence[str], points: Sequence[Point]) -> bool:
    """Whether a definition has a value of the shape that its name has elsewhere."""
    put(definitions, points)
    left, _, _ = parted(line)
    assert isinstance(left, ast.Subscript) and isinstance(left.value, ast.Name)
    given = left.slice.elts if isinstance(left.slice, ast.Tuple) else [left.slice]
    try:
        points[0].own(left.value.id, tuple(1 for _ in given))
    except Misfit:
        return False
    return True


def defined() -> Iterator[Definitions]:
    """The derivations with definitions."""
    for name, lines in sections("definitions.txt"):
        yield Definitions(name, lines)
