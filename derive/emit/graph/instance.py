"""A network at small sizes: which cells there are, and which cell reads which, straight from the equations.

Every index is given its numbers and every subscript is worked out; nothing here knows what a recurrence looks like.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import sympy

from derive.affine import split
from derive.emit.graph.network import LOSS, Read, sequences_of, steps_of
from derive.emit.graph.units import Network, lag
from derive.expressions import AxisKind, Domain, Ref, refs
from derive.functions import Comparison
from derive.system import Role

Key = tuple[int, ...]
Cell = tuple[str, Key]
Env = dict[Any, int]


@dataclass(frozen=True)
class Link:
    """One cell read by another.

    Attributes:
        source: what is read.
        target: what reads it.
        labels: the parameters that the value meets, once each.
        carried: whether the value comes from another step of the same sequence.
        shifts: whether that step is always as far away.
    """

    source: Cell
    target: Cell
    labels: tuple[str, ...]
    carried: bool
    shifts: bool


@dataclass(frozen=True)
class Instance:
    """A network at small sizes.

    Attributes:
        network: what it is of.
        lengths: of every sequence.
        cells: every cell, units in the order of the file.
        links: who reads whom.
        pointers: where steps are looked up, for each variable that says where: by step and entry.
    """

    network: Network
    lengths: dict[str, int]
    cells: tuple[Cell, ...]
    links: tuple[Link, ...]
    pointers: dict[str, dict[int, tuple[int, ...]]]


def pointers(network: Network) -> tuple[str, ...]:
    """The variables that say which step another is read at."""
    found: dict[str, None] = {}
    for read in network.reads:
        for subscript in read.at:
            found |= dict.fromkeys(ref.name for ref in refs(subscript))
    return tuple(found)


def arity(network: Network) -> int:
    """How many children a node has where steps are looked up: one for each variable, or one for each of its entries."""
    single, entries = 0, 0
    for name in pointers(network):
        axes = [axis for axis in network.system.by_name[name].axes if axis.kind is not AxisKind.SEQUENCE]
        single += not axes
        entries = max([entries, *(int(axis.size) if axis.size.is_Integer else 2 for axis in axes)])
    return max(single, entries)


def instance(network: Network, lengths: Mapping[str, int]) -> Instance:
    """The cells of a network.

    Args:
        network: its units and reads.
        lengths: how many steps each sequence has.
    """
    look = _tree(network, lengths)
    evaluate = _Evaluate(network, lengths, look)
    cells: dict[Cell, None] = {}
    for unit in network.units.values():
        for member in unit.members:
            variable = network.system.by_name[member]
            if variable.role is not Role.VAR:
                ranges = [range(1 + max(unit.shift, 0), lengths[name] + 1 + min(unit.shift, 0)) for name in unit.group]
                cells |= dict.fromkeys((unit.name, key) for key in _product(ranges))
            for equation in network.system.defining.get(member, ()):
                if member == LOSS or not refs(equation.right):
                    continue
                steps = steps_of(variable, equation.subscripts)
                kept = tuple(steps[place] for place in unit.kept if place < len(steps))
                own = tuple(r for r in equation.domain if r.axis.kind is AxisKind.SEQUENCE)
                for env in evaluate.points(own):
                    cells[unit.name, tuple(evaluate.number(step, env) for step in kept)] = None
    if not cells:
        cells[LOSS, ()] = None
    links: dict[tuple[Cell, Cell], tuple[dict[str, None], bool, bool]] = {}
    for read in network.reads:
        for source, target in evaluate.cells(read):
            if source == target:
                continue
            # A source that no equation gives is data outside their range, which are 0.
            if source not in cells:
                continue
            cells.setdefault(target)
            shifts = all(lag(read, place) is not None for place in range(len(read.to)))
            labels, *_ = links.setdefault((source, target), ({}, _is_carried(network, read), shifts))
            labels.update(dict.fromkeys(read.labels))
    order = {name: n for n, name in enumerate(network.units)}
    return Instance(
        network,
        dict(lengths),
        tuple(sorted(cells, key=lambda cell: (order[cell[0]], cell[1]))),
        tuple(Link(*ends, tuple(labels), carried, shifts) for ends, (labels, carried, shifts) in links.items()),
        look,
    )


def _is_carried(network: Network, read: Read) -> bool:
    source, target = network.units[read.source], network.units[read.target]
    return source.group == target.group != () and any(lag(read, n) != 0 for n in range(len(read.to)))


def _product(ranges: list[range]) -> Iterator[Key]:
    if not ranges:
        yield ()
        return
    for first in ranges[0]:
        for rest in _product(ranges[1:]):
            yield (first, *rest)


def _tree(network: Network, lengths: Mapping[str, int]) -> dict[str, dict[int, tuple[int, ...]]]:
    """An example of what is looked up: a tree whose nodes are numbered children first, 0 for none.

    Each variable that is looked up once per node is one child; one with entries has a child in each.
    """
    found: dict[str, dict[int, tuple[int, ...]]] = {}
    names = pointers(network)
    if not names:
        return found
    (length,) = {lengths[sequences_of(network.system.by_name[name])[0]] for name in names}
    children = trees(length, max(arity(network), 1))
    single = [name for name in names if len(network.system.by_name[name].axes) == 1]
    for name in names:
        place = single.index(name) if name in single else None
        found[name] = {
            node: (below[place],) if place is not None and place < len(below) else tuple(below)
            for node, below in children.items()
        }
    return found


def trees(length: int, arity: int) -> dict[int, tuple[int, ...]]:
    """The children of every node of a tree as even as can be, children first, left to right; (0, ...) for a leaf.

    >>> trees(5, 2)
    {1: (0, 0), 2: (0, 0), 3: (0, 0), 4: (2, 3), 5: (1, 4)}
    """
    if arity == 1:
        return {node: (node - 1,) for node in range(1, length + 1)}
    leaves = (length * (arity - 1) + 1) // arity
    waiting = list(range(1, leaves + 1))
    found = {leaf: (0,) * arity for leaf in waiting}
    level = waiting
    number = leaves
    while len(level) > 1 or number < length:
        above: list[int] = [*level[: len(level) % arity]]
        rest = level[len(level) % arity :]
        for start in range(0, len(rest), arity):
            number += 1
            found[number] = tuple(rest[start : start + arity])
            above.append(number)
        if above == level:
            break
        level = above
    for node in range(1, length + 1):
        found.setdefault(node, (0,) * arity)
    return found


class _Evaluate:
    """Works subscripts out."""

    def __init__(
        self, network: Network, lengths: Mapping[str, int], look: Mapping[str, Mapping[int, tuple[int, ...]]]
    ) -> None:
        self.network, self.lengths, self.look = network, lengths, look

    def number(self, expression: sympy.Expr, env: Env) -> int:
        """The value of a subscript or an end."""
        if expression.is_Integer:
            return int(expression)
        if expression in env:
            return env[expression]
        if expression.is_Symbol:
            return self.lengths[expression.name]
        values = [self.number(argument, env) for argument in expression.args if not isinstance(expression, Ref)]
        if isinstance(expression, sympy.Add):
            return sum(values)
        if isinstance(expression, sympy.Mul):
            return reduce(lambda a, b: a * b, values)
        if isinstance(expression, sympy.Max | sympy.Min):
            return (max if isinstance(expression, sympy.Max) else min)(values)
        if isinstance(expression, Comparison):
            return int(bool(type(expression).holds(sympy.Integer(values[0] - values[1]))))
        raise ValueError(f"{expression} is no step")

    def points(self, domain: Domain) -> Iterator[Env]:
        """Every point of a domain."""
        envs: list[Env] = [{}]
        for range_ in domain:
            envs = [
                {**env, range_.index: value}
                for env in envs
                for value in range(self.number(range_.first, env), self.number(range_.last, env) + 1)
            ]
        yield from envs

    def cells(self, read: Read) -> Iterator[tuple[Cell, Cell]]:
        """Every pair of cells of which one reads the other."""
        for env in self.points(read.domain):
            if all(
                self.number(first, env) <= self.number(value, env) <= self.number(last, env)
                for value, first, last in read.within
                if not any(refs(value))
            ) and all(bool(self.number(condition, env)) is holds for condition, holds in read.when):
                target = (read.target, tuple(self.number(step, env) for step in read.to))
                for key in self._sources(read, env):
                    yield (read.source, key), target

    def _sources(self, read: Read, env: Env) -> Iterator[Key]:
        """The steps read; where a step is looked up at an entry that is none in particular, every entry's."""
        choices: list[list[int]] = []
        for step in read.at:
            look = next(iter(refs(step)), None)
            if look is None:
                choices.append([self.number(step, env)])
            else:
                found = self.look[look.name][self.number(look.subscripts[0], env)]
                place = look.subscripts[1] if len(look.subscripts) > 1 else sympy.Integer(0)
                one = found[int(place) % len(found) :][:1] if place.is_Integer and len(look.subscripts) > 1 else found
                choices.append([number for number in one if number > 0])
        keys: list[Key] = [()]
        for some in choices:
            keys = [(*key, number) for key in keys for number in some]
        yield from keys


def is_step(subscript: sympy.Expr) -> bool:
    """Whether a subscript is an index and a whole number, rather than an end or a look-up."""
    return split(subscript)[0] is not None and not any(refs(subscript))
