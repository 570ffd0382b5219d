"""Cycles among the equations: each must be broken by a shift to an earlier step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sympy

from derive.affine import split
from derive.language import rules_sequences
from derive.language.build import Checked
from derive.language.context import Read
from derive.language.symbols import Symbols


@dataclass(frozen=True)
class Edge:
    """One equation reads a variable.

    Attributes:
        source: what the equation defines.
        target: what it reads.
        lag: how many steps earlier it reads; None where that is not one number.
        read: the reading.
        one: the equation.
    """

    source: str
    target: str
    lag: int | None
    read: Read
    one: Checked


def check_cycles(checked: list[Checked], symbols: Symbols) -> set[str]:
    """Report the cycles that no shift to an earlier step breaks; the variables on them."""
    edges: dict[str, list[Edge]] = {name: [] for name in symbols.defined}
    for one in checked:
        for read in one.work.reads:
            if read.name in symbols.defined:
                edges[one.statement.name].append(_edge(one, read))
    faulty: set[str] = set()
    for component in components({name: [e.target for e in out] for name, out in edges.items()}):
        members = set(component)
        inner = [e for name in component for e in edges[name] if e.target in members]
        cycle = _bad_cycle(component, inner)
        if cycle and not members & symbols.file.faulty:
            faulty |= members
            _report(cycle)
    return faulty


def _edge(one: Checked, read: Read) -> Edge:
    here, there = one.left.steps, read.steps
    lag: int | None = None
    if not here and not there:
        lag = 0
    elif here and there:
        step = there[0]
        index, _ = split(step)
        if index is not None and index != here[0]:
            step = step.xreplace({index: one.work.ranges[index].last})
        distance = sympy.expand(here[0] - step)
        lag = int(distance) if distance.is_Integer else None
    return Edge(one.statement.name, read.name, lag, read, one)


def _bad_cycle(component: list[str], edges: list[Edge]) -> list[Edge]:
    """A cycle whose lags do not add up to at least 1, empty if there is none (Bellman & Ford)."""
    for edge in edges:
        if edge.lag is None:
            return [edge, *_path(edge.target, edge.source, edges)]
    size = len(component) + 1
    distance = dict.fromkeys(component, 0)
    previous: dict[str, Edge] = {}
    changed: str | None = None
    for _ in range(size):
        changed = None
        for edge in edges:
            assert edge.lag is not None
            reached = distance[edge.source] + edge.lag * size - 1  # a cycle is negative where its lags are <= 0
            if reached < distance[edge.target]:
                distance[edge.target], previous[edge.target], changed = reached, edge, edge.target
        if changed is None:
            return []
    assert changed is not None
    for _ in range(size):
        changed = previous[changed].source
    cycle = [previous[changed]]
    while cycle[-1].source != changed:
        cycle.append(previous[cycle[-1].source])
    return cycle[::-1]


def _path(start: str, end: str, edges: list[Edge]) -> list[Edge]:
    """The shortest way from a variable to another within a component."""
    arrived: dict[str, Edge] = {}
    ring = [start]
    while ring and end not in arrived and start != end:
        reached = [e for name in ring for e in edges if e.source == name and e.target not in (start, *arrived)]
        ring = []
        for edge in reached:
            if edge.target not in arrived:
                arrived[edge.target] = edge
                ring.append(edge.target)
    path: list[Edge] = []
    while end != start:
        path.append(arrived[end])
        end = arrived[end].source
    return path[::-1]


def _report(cycle: list[Edge]) -> None:
    """Report a cycle, beginning with the equation that comes first in the file."""
    first = min(range(len(cycle)), key=lambda n: cycle[n].one.statement.node.lineno)
    cycle = cycle[first:] + cycle[:first]
    source = cycle[0].one.work.sink.source
    names = [source.short(cycle[0].one.statement.left), *(source.short(edge.read.node) for edge in cycle)]
    lags = [edge.lag for edge in cycle]
    total = sum(lag for lag in lags if lag is not None)
    to_the_right = None not in lags and total < 0
    make = rules_sequences.cycle_to_the_right if to_the_right else rules_sequences.unbroken_cycle
    cycle[0].one.work.sink.report(cycle[0].read.node, make(" -> ".join(names)))


def components(graph: dict[str, list[str]]) -> Iterable[list[str]]:
    """Strongly connected components (Tarjan), each in the order of the graph; without recursion."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    order = {name: n for n, name in enumerate(graph)}
    for root in graph:
        if root in number:
            continue
        todo = [(root, iter(graph[root]))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while todo:
            name, successors = todo[-1]
            following = next(successors, None)
            if following is None:
                todo.pop()
                if todo:
                    low[todo[-1][0]] = min(low[todo[-1][0]], low[name])
                if low[name] == number[name]:
                    cut = stack.index(name)
                    component, stack = stack[cut:], stack[:cut]
                    on_stack -= set(component)
                    yield sorted(component, key=order.__getitem__)
            elif following not in number:
                number[following] = low[following] = len(number)
                stack.append(following)
                on_stack.add(following)
                todo.append((following, iter(graph[following])))
            elif following in on_stack:
                low[name] = min(low[name], number[following])
