"""Lines right and wrong, labelled by finite differences, judged by the checker, and counted."""

from __future__ import annotations

import ast
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import derive
from derive.check.hand.derivation import Derivation
from derive.check.hand.judge import judge
from derive.check.hand.lines import HandLine
from derive.check.hand.reader import read_hand
from derive.check.hand.result import LineVerdict
from derive.expressions import AxisKind
from derive.model import Model
from derive.system import Role, System

from .corruptions import MISTAKES, World, at_every_place
from .finite import LENGTHS, Point, is_true, parted
from .indexed import indexed
from .rewritings import REWRITINGS, substituted

HERE = Path(__file__).parent
LINES = 100  # of one file


@dataclass(frozen=True)
class Sample:
    """One line to be judged.

    Attributes:
        model: the model's name.
        kind: the mistake made, or the rewriting; of two mistakes both.
        text: the line.
        base: the line that it was made from.
        count: how many mistakes were made: 0 for a rewriting.
        true: whether it is right, by finite differences.
    """

    model: str
    kind: str
    text: str
    base: str
    count: int
    true: bool


@dataclass(frozen=True)
class Outcome:
    """What the checker said of a sample, and how long that took."""

    sample: Sample
    verdict: LineVerdict
    seconds: float
    exact: bool
    same: bool


class Study:
    """The lines about one model."""

    def __init__(self, name: str) -> None:
        """The model, with points of its own."""
        self.name: str = name
        self.model: Model = derive.load(name)
        self.points = [Point(self.model.system, lengths, n) for n, lengths in enumerate(LENGTHS)]
        self.definitions: list[str] = []
        self.world = _world(self.model.system)
        self._labels: dict[str, bool] = {}

    def define(self, line: str) -> bool:
        """Whether a line defines a name of the person's own; it is known from then on."""
        left, right, _ = parted(line)
        name = left.value.id if isinstance(left, ast.Subscript) and isinstance(left.value, ast.Name) else ""
        if not name or name in self.model.system.by_name:
            return False
        self.definitions.append(line)
        for point in self.points:
            point.definitions[name] = (left, right)
        given = left.slice.elts if isinstance(left.slice, ast.Tuple) else [left.slice]
        self.world.shapes[name] = self.points[0].own(name, tuple(1 for _ in given)).sizes
        self.world.steps[name] = len(given)
        return True

    def is_true(self, line: str) -> bool:
        """Whether a line is right, by finite differences."""
        if line not in self._labels:
            self._labels[line] = is_true(line, self.points)
        return self._labels[line]

    def sample(self, kind: str, text: str, base: str, count: int) -> Sample:
        """A line with its label."""
        return Sample(self.name, kind, text, base, count, self.is_true(text))

    # -- lines ---------------------------------------------------------------------------------------------------------

    def mistakes(self, base: str) -> Iterator[Sample]:
        """The line with each mistake at each place."""
        left, right, condition = parted(base)
        for kind, change in MISTAKES.items():
            for made in at_every_place(right, change, self.world):
                yield self.sample(kind, _line(left, made, condition), base, 1)

    def pairs(self, base: str, count: int, rng: random.Random) -> Iterator[Sample]:
        """The line with two mistakes, drawn at random."""
        left, right, condition = parted(base)
        ones = [(kind, made) for kind, change in MISTAKES.items() for made in at_every_place(right, change, self.world)]
        for kind, made in rng.sample(ones, min(count, len(ones))):
            change = rng.choice(list(MISTAKES.items()))
            twos = list(at_every_place(made, change[1], self.world))
            if twos:
                text = _line(left, rng.choice(twos), condition)
                if text not in {_line(left, one, condition) for _, one in ones} and not self.is_true(text):
                    yield self.sample(f"{kind} and {change[0]}", text, base, 2)

    def rewritings(self, base: str) -> Iterator[Sample]:
        """The line in every other form."""
        left, right, condition = parted(base)
        yield self.sample("as it is", base, base, 0)
        for kind, change in REWRITINGS.items():
            for made in at_every_place(right, change, self.world):
                yield self.sample(kind, _line(left, made, condition), base, 0)
        for made in substituted(right, self.name):
            yield self.sample("substituted", _line(left, made, condition), base, 0)
        entry = indexed(left, right, self.world)
        if entry is not None:
            yield self.sample("index notation", _line(entry[0], entry[1], condition), base, 0)

    # -- judging -------------------------------------------------------------------------------------------------------

    def judged(self, samples: Sequence[Sample]) -> Iterator[Outcome]:
        """What the checker says of each line; all are in one file."""
        unique = list({sample.text: sample for sample in samples}.values())
        for ends in (True, False):
            group = [s for s in unique if _has_end(s.text) == ends]
            for begin in range(0, len(group), LINES):
                yield from self._judged(group[begin : begin + LINES])

    def _judged(self, group: list[Sample]) -> Iterator[Outcome]:
        file = read_hand("\n".join([*self.definitions, *(s.text for s in group)]))
        lines = [line for line in file.lines if isinstance(line, HandLine)]
        unread = [line for line in file.lines if not isinstance(line, HandLine)]
        assert not unread, unread
        derivation = Derivation(self.model, lines)
        for sample, claim in zip(group, derivation.claims[len(self.definitions) :], strict=True):
            begin = time.process_time()
            verdict = judge(derivation, claim)
            seconds = time.process_time() - begin
            same = verdict.correct is not None and canonical(verdict.correct) == canonical(sample.base)
            yield Outcome(sample, verdict, seconds, self._is_exact(sample, verdict), same)

    def _is_exact(self, sample: Sample, verdict: LineVerdict) -> bool:
        """Whether the mistake was named: the mend gives the line that it was made in, or its name is a fitting one."""
        if verdict.correct is None or not verdict.mistakes or len(verdict.mistakes) > max(sample.count, 1):
            return False
        if canonical(verdict.correct) == canonical(sample.base):
            return True
        fitting = [name for kind in sample.kind.split(" and ") for name in ACCEPTED.get(kind, ())]
        return set(verdict.mistakes) <= set(fitting) and self.is_true(verdict.correct)


# What the checker may call a mistake where its mend is another form of the same line.
_FACTOR = ("derivative of an activation", "factor for another", "factor too many", "power or function", "complement")
ACCEPTED: dict[str, tuple[str, ...]] = {
    "term dropped": (
        "missing term",
        "carried gradient",
        "one-hot",
        "term inside of brackets",
        "part of a sum",
        *_FACTOR,
    ),
    "sign turned": ("sign",),
    "transpose lost": ("transpose",),
    "* for @ or @ for *": ("element-wise for matrix product", "factor for another"),
    "factors exchanged": ("order of factors",),
    "diag lost": ("element-wise for matrix product",),
    "square lost": _FACTOR,
    "x for 1 - x": _FACTOR,
    "constant factor": ("constant factor", "sign", *_FACTOR),
    "factor dropped": (
        "constant factor",
        "derivative of an activation",
        "missing factor",
        "missing matrix",
        "factor for another",
    ),
    "sum too short": ("sum over steps",),
    "sum lost": ("sum over steps",),
    "another variable": ("name", "name everywhere", "gradient of another variable", *_FACTOR),
    "function lost": ("name", *_FACTOR),
    "step shifted": ("step",),
    "activation once more": ("factor too many", "name"),
    # What is written by hand has words of its own.
    "carried": ("carried gradient", "missing term"),
    "derivative": ("gradient of another variable", "name", *_FACTOR),
    "derivative step": ("step",),
    "transpose": ("transpose",),
    "step": ("step",),
    "term": ("missing term", "carried gradient", "part of a sum", "term inside of brackets"),
    "sign": ("sign",),
    "order": ("order of factors", "element-wise for matrix product"),
    "diag side": ("order of factors",),
    "matmul": ("element-wise for matrix product",),
    "sum end": ("sum over steps",),
    "sum missing": ("sum over steps",),
    "per-step": ("sum over steps",),
    "partial": ("part for total", "term inside of brackets", "part of a sum"),
    "wrong factor": (
        "name",
        "name everywhere",
        "gradient of another variable",
        "factor for another",
        "name of another shape",
    ),
    "wrong variable": ("name", "name everywhere", "gradient of another variable", "name of another shape"),
    "matrix": ("name", "name of another shape"),
    "wrong matrix": ("name", "name of another shape"),
    "gate": ("name", "name everywhere", *_FACTOR),
    "factor": ("constant factor", *_FACTOR),
    "factor missing": ("derivative of an activation", "missing factor"),
    "onehot missing": ("one-hot", "missing term", "part of a sum"),
    "onehot index": ("step",),
    "direction": ("step",),
}


def canonical(line: str) -> str:
    """A line's right side with what is added and multiplied in order."""
    return _canonical(parted(line)[1])


def _canonical(node: ast.expr) -> str:
    match node:
        case ast.BinOp(op=ast.Add() | ast.Sub()) | ast.UnaryOp(op=ast.USub()):
            return "(" + " ".join(sorted(_added(node, "+"))) + ")"
        case ast.BinOp(op=ast.Mult()):
            return "(" + " * ".join(sorted(_multiplied(node))) + ")"
        case ast.BinOp(left=left, op=op, right=right):
            return f"({_canonical(left)} {type(op).__name__} {_canonical(right)})"
        case ast.Call(args=arguments):
            keywords = [ast.unparse(k) for k in node.keywords]
            return f"{ast.unparse(node.func)}({', '.join([*map(_canonical, arguments), *keywords])})"
        case ast.Attribute(value=inner, attr=attribute):
            return f"{_canonical(inner)}.{attribute}"
    return ast.unparse(node)


def _added(node: ast.expr, sign: str) -> Iterator[str]:
    other = "-" if sign == "+" else "+"
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            yield from _added(left, sign)
            yield from _added(right, sign if isinstance(op, ast.Add) else other)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield from _added(operand, other)
        case _:
            yield sign + _canonical(node)


def _multiplied(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from _multiplied(node.left)
        yield from _multiplied(node.right)
    else:
        yield _canonical(node)


def _line(left: ast.expr, right: ast.expr, condition: ast.expr | None) -> str:
    text = f"{ast.unparse(left)} = {ast.unparse(right)}"
    return text if condition is None else f"{text}, {ast.unparse(condition)}"


def _has_end(text: str) -> bool:
    left = parted(text)[0]
    return any(isinstance(n, ast.Name) and n.id in ("T", "S", "K") for n in ast.walk(left))


def _world(system: System) -> World:
    shapes, steps = {}, {}
    for v in system.variables:
        sizes = [str(a.size) for a in v.axes if a.kind is AxisKind.FEATURE]
        shapes[v.name], steps[v.name] = tuple(sizes), len(v.axes) - len(sizes)
    kinds = {
        v.name: (shapes[v.name], steps[v.name], v.role is Role.PARAM) for v in system.variables if not v.role.is_integer
    }
    alike = {
        n: tuple(m for m, other in kinds.items() if m != n and other == kind and "." not in m)
        for n, kind in kinds.items()
    }
    return World(shapes, steps, alike)


# -- the files --------------------------------------------------------------------------------------------------------


def correct() -> Iterator[tuple[str, list[str]]]:
    """The models with derivations that are right: definitions and claims."""
    yield from sections("correct.txt")


def by_hand(study: Study, lines: Sequence[str]) -> Iterator[Sample]:
    """The mistakes that were written by hand."""
    base = ""
    for line in lines:
        if not line.startswith(" "):
            base = line
            study.define(line)
            continue
        kind, _, text = (part.strip() for part in line.partition("|"))
        left, _, condition = parted(base)
        if " = " not in text:
            text = f"{ast.unparse(left)} = {text}"
            if condition is not None and parted(text)[2] is None:
                text += f", {ast.unparse(condition)}"
        yield Sample(study.name, kind, text, base, 1, "at=" not in text and study.is_true(text))


def sections(file: str) -> Iterator[tuple[str, list[str]]]:
    """The models that a file is about, each with its lines."""
    name, lines = "", []
    for text in (HERE / file).read_text(encoding="utf-8").splitlines():
        if text.startswith("# model:"):
            if name:
                yield name, lines
            name, lines = text.partition(":")[2].strip(), []
        elif text.strip() and not text.startswith("#"):
            lines.append(text)
    yield name, lines


def hand_sections() -> Iterator[tuple[str, list[str]]]:
    """The models with mistakes written by hand."""
    yield from sections("by_hand.txt")
