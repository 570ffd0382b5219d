"""Strongly connected components of a graph of numbers."""

from __future__ import annotations

from collections.abc import Iterable


def components(graph: dict[int, list[int]]) -> Iterable[list[int]]:
    """Strongly connected components (Tarjan), each in the order of the graph; without recursion."""
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
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
