"""Who depends on whom, over the whole system."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import sympy

from derive.expressions import Ref, refs
from derive.system import System


def values(expression: sympy.Basic) -> Iterator[Ref]:
    """The references of an expression that are values, not subscripts of another."""
    if isinstance(expression, Ref):
        yield expression
        return
    for argument in expression.args:
        yield from values(argument)


def dependents(system: System, sources: Collection[str], by_value: bool = False) -> frozenset[str]:
    """The variables that depend on the sources, the sources included.

    Args:
        system: the system.
        sources: names of variables.
        by_value: whether only values count, not what merely chooses an entry (`y` in `o[t, y[t]]`).
    """
    readers: dict[str, list[str]] = {}
    for equation in system.equations:
        read = values(equation.right) if by_value else refs(equation.right)
        for name in sorted({ref.name for ref in read}):
            readers.setdefault(name, []).append(equation.target)
    return _reachable(readers, sources)


def precedents(system: System, results: Collection[str]) -> frozenset[str]:
    """The variables that the results depend on, the results included."""
    read: dict[str, list[str]] = {}
    for equation in system.equations:
        found = read.setdefault(equation.target, [])
        for expression in (equation.right, *equation.subscripts):
            found.extend(ref.name for ref in refs(expression))
    return _reachable(read, results)


def _reachable(edges: Mapping[str, list[str]], start: Collection[str]) -> frozenset[str]:
    seen, stack = set(start), list(start)
    while stack:
        for name in edges.get(stack.pop(), ()):
            if name not in seen:
                seen.add(name)
                stack.append(name)
    return frozenset(seen)
