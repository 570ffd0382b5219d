"""What is summed over, and what stays: the axis of a sum that is missing or another, an axis of one that is kept."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from derive.check.python.edits.places import Places
from derive.check.python.source import Edit, Source

_REDUCING = ("sum", "mean", "max", "min", "prod", "average")
_AXES = ("0", "1", "-1", "2", "(0, 1)")


def axes(places: Places) -> Iterator[Edit]:
    """A sum over everything or over another axis; `keepdims` that must not be there, or must."""
    source = places.source
    for node in places.nodes(ast.Call):
        assert isinstance(node, ast.Call)
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in _REDUCING:
            continue
        named = {word.arg: word.value for word in node.keywords}
        module = isinstance(node.func.value, ast.Name) and not places.shapes(node.func.value.id)
        own = node.args[1:] if module else node.args  # what stands behind the array
        if None in named or len(own) > 1:
            continue
        given = named.get("axis", own[0] if own else None)
        kept = {str(name): source.of(value) for name, value in named.items() if name not in ("axis", "keepdims")}
        keeps = "keepdims" in named
        array = [source.of(node.args[0])] if module and node.args else []
        said = None if given is None else source.of(given)
        for axis in _axes_for(source, given):
            words = _spelled(array, axis, keeps, kept)
            over = f"over axis {axis}" if axis and "(" not in axis else f"over axes {axis}" if axis else "over all"
            here = "over all axes" if said is None else f"over axis {said}"
            fault = f"`{source.of(node)}` sums {here}; it must sum {over}"
            yield source.edit(node, f"{source.of(node.func)}({words})", fault, 1.0 if given is None else 1.1)
        words = _spelled(array, said, not keeps, kept)
        does, must = ("keeps", "go") if keeps else ("loses", "stay")
        fault = f"`{source.of(node)}` {does} the axis that is summed; it must {must}"
        yield source.edit(node, f"{source.of(node.func)}({words})", fault, 1.1)


def _axes_for(source: Source, given: ast.expr | None) -> list[str | None]:
    """The axes that may be meant, where these are written."""
    others: list[str | None] = [axis for axis in _AXES if given is None or axis != source.of(given)]
    return others if given is None else [*others, None]


def _spelled(array: list[str], axis: str | None, keeps: bool, kept: dict[str, str]) -> str:
    words = [*array, *([f"axis={axis}"] if axis else []), *(["keepdims=True"] if keeps else [])]
    return ", ".join(words + [f"{name}={value}" for name, value in kept.items()])
