"""One array for another: a gate for its neighbour, a carried gradient for another, the wrong key."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from derive.check.python.edits.places import Places
from derive.check.python.source import Edit


def names(places: Places) -> Iterator[Edit]:
    """A name that stands for another of the same shape; an entry of one array for that of another."""
    source = places.source
    for function in places.functions:
        called = {id(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
        for statement in function.body:
            for node in ast.walk(statement):
                if not isinstance(node, ast.Name) or id(node) in called or not places.shapes(node.id):
                    continue
                here = places.shapes(node.id)
                for other in places.local_names[function]:
                    if other != node.id and (
                        here & places.shapes(other) or _one_step_apart(here, places.shapes(other))
                    ):
                        yield source.edit(node, other, f"`{node.id}` stands where `{other}` belongs", 1.5)
            for node in ast.walk(statement):
                if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                    yield from _entries(places, node)


def _entries(places: Places, node: ast.Subscript) -> Iterator[Edit]:
    """Another array's entry for an entry: `h[t]` for `i[t]`, which have not as many steps."""
    source, shapes = places.source, places.shape_of(node)
    function = places.function_of(node)
    for text, others in places.values[function].items():
        if shapes & others and text != source.of(node):
            yield source.edit(node, text, f"`{source.of(node)}` stands where `{text}` belongs", 1.7)


def exchanged(places: Places) -> Iterator[Edit]:
    """Two arrays of one statement, or two entries of the answer, each in the other's place."""
    source = places.source
    for node in places.assigning:
        inside = [n for n in ast.walk(node.value) if isinstance(n, ast.Name | ast.Subscript) and places.shape_of(n)]
        for one, other in itertools.combinations(inside, 2):
            if source.of(one) != source.of(other) and places.shape_of(one) & places.shape_of(other):
                yield from _swapped(places, node.value, one, other)
    for dictionary in places.nodes(ast.Dict):
        assert isinstance(dictionary, ast.Dict)
        for first, second in itertools.combinations(dictionary.values, 2):
            yield from _swapped(places, dictionary, first, second)


def _swapped(places: Places, whole: ast.expr, one: ast.expr, other: ast.expr) -> Iterator[Edit]:
    source = places.source
    (a, b), (c, d) = sorted((source.span(one), source.span(other)))
    if b > c:
        return  # one is a part of the other
    start, end = source.span(whole)
    text = source.text
    new = text[start:a] + text[c:d] + text[b:c] + text[a:b] + text[d:end]
    fault = f"`{source.of(one)}` and `{source.of(other)}` stand in each other's places"
    yield Edit(start, end, new, fault, 1.8, one.lineno)


def _one_step_apart(one: frozenset[tuple[int, ...]], other: frozenset[tuple[int, ...]]) -> bool:
    """Whether two arrays differ in their first axis alone, by the step of a start."""
    return any(
        a and b and len(a) == len(b) > 1 and a[1:] == b[1:] and abs(a[0] - b[0]) == 1 for a in one for b in other
    )


def keys(places: Places) -> Iterator[Edit]:
    """A key that stands for another of the same shape, a part of a key, a key of the answer."""
    source = places.source
    for node in places.nodes(ast.Constant):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        key = node.value
        others: set[str] = set()
        for arrays in (places.params, places.data, places.forward):
            if key in arrays:
                others |= {name for name, shape in arrays.items() if shape == arrays[key] or _near(shape, arrays[key])}
        if not others and key and any(name.startswith(key) for name in places.params):
            others = {name[: len(key)] for name in places.params}
        if not others and key and any(name.endswith(key) for name in places.params):
            others = {name[-len(key) :] for name in places.params}
        for other in sorted(others - {key}):
            yield source.edit(node, f'"{other}"', f"`{key}` stands where `{other}` belongs", 1.4)
    for node in places.nodes(ast.Dict):
        assert isinstance(node, ast.Dict)
        present = {key.value for key in node.keys if isinstance(key, ast.Constant)}
        for key_node in node.keys:
            if isinstance(key_node, ast.Constant) and key_node.value not in places.params:
                for name in places.params:
                    if name not in present:
                        fault = f"the answer's key `{key_node.value!s}` is no parameter; it must be `{name}`"
                        yield source.edit(key_node, f'"{name}"', fault, 1.0)


def _near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return len(one) == len(other) > 1 and one[1:] == other[1:] and abs(one[0] - other[0]) <= 1
