"""Steps, ranges and numbers: off by one, the wrong end, the wrong counter."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from derive.check.python.edits.places import Places
from derive.check.python.source import Edit, Source


def steps(places: Places) -> Iterator[Edit]:
    """An index off by one, another counter, axes swapped; a slice that begins or ends elsewhere."""
    source = places.source
    for node in places.nodes(ast.Subscript):
        assert isinstance(node, ast.Subscript)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if len(parts) == 2:
            text = f"{source.of(node.value)}[{source.of(parts[1])}, {source.of(parts[0])}]"
            yield source.edit(node, text, f"the indices of `{source.of(node)}` are the wrong way round", 1.2)
        for part in parts:
            for text, cost in _instead(places, part):
                start, end = source.span(part)
                whole_start, whole_end = source.span(node)
                new = source.text[whole_start:start] + text + source.text[end:whole_end]
                verb = "is read" if isinstance(node.ctx, ast.Load) else "is written"
                fault = f"`{source.of(node)}` {verb} at the wrong place: it must be `{new}`"
                yield source.edit(node, new, fault, cost)


def _instead(places: Places, part: ast.expr) -> Iterator[tuple[str, float]]:
    source = places.source
    if isinstance(part, ast.Slice):
        yield from ((text, 1.1) for text in _slices(source, part))
    elif isinstance(part, ast.Constant):
        if isinstance(part.value, int):
            yield from ((str(part.value + by), 1.0) for by in (-1, 1))
    else:
        yield from ((text, 1.0) for text in _shifted(source, part))
        if isinstance(part, ast.Name):
            others = (*places.counters[places.function_of(part)],)
            yield from ((name, 1.1) for name in others if name != part.id)


def _shifted(source: Source, node: ast.expr) -> Iterator[str]:
    """The index with one more and one less, and with two where it has an offset."""
    base, offset = node, 0
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub) and isinstance(node.right, ast.Constant):
        if isinstance(node.right.value, int):
            base, offset = node.left, node.right.value * (1 if isinstance(node.op, ast.Add) else -1)
    for by in (-1, 1, -2, 2) if offset else (-1, 1):
        total = offset + by
        text = source.of(base)
        yield text if total == 0 else f"{text} {'+' if total > 0 else '-'} {abs(total)}"


def _slices(source: Source, part: ast.Slice) -> Iterator[str]:
    lower = source.of(part.lower) if part.lower else ""
    upper = source.of(part.upper) if part.upper else ""
    step = f":{source.of(part.step)}" if part.step else ""
    lowers = {lower, "", "1"} | (set(_moved(source, part.lower)) if part.lower else set())
    uppers = {upper, "", "-1"} | (set(_moved(source, part.upper)) if part.upper else set())
    for low in sorted(lowers):
        for high in sorted(uppers):
            yield f"{low}:{high}{step}"
    yield f"{lower}:{upper}" if step else "::-1"


def _moved(source: Source, node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield from (str(node.value + by) for by in (-1, 1))
    else:
        yield from _shifted(source, node)


def ranges(places: Places) -> Iterator[Edit]:
    """A loop that begins or ends a step off, or runs the wrong way."""
    source = places.source
    for function in places.functions:
        for loop in (node for node in ast.walk(function) if isinstance(node, ast.For)):
            text = source.of(loop.iter)
            backwards = isinstance(loop.iter, ast.Call) and getattr(loop.iter.func, "id", "") == "reversed"
            turned = (
                source.of(loop.iter.args[0]) if backwards and isinstance(loop.iter, ast.Call) else f"reversed({text})"
            )
            yield source.edit(loop.iter, turned, f"the loop `{text}` runs the wrong way", 1.0)
    for node in places.nodes(ast.Call):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "range" and node.args:
            text = source.of(node)
            arguments = [source.of(argument) for argument in node.args]
            news = [
                [*arguments[:k], new, *arguments[k + 1 :]] for k, a in enumerate(node.args) for new in _moved(source, a)
            ]
            if len(arguments) == 1:
                news.append(["1", *arguments])
            elif len(arguments) == 2:
                news += [arguments[1:], ["0", arguments[1]]]
            elif source.of(node.args[2]) == "-1":
                news += [[start, end, "-1"] for start in _moved(source, node.args[0]) for end in ("-1", "0")]
            for new in news:
                yield source.edit(
                    node, f"range({', '.join(new)})", f"`{text}` leaves out a step, or runs past one", 1.0
                )


def numbers(places: Places) -> Iterator[Edit]:
    """A number that is one off: a power, an axis, the one that is subtracted."""
    source = places.source
    for node in places.nodes(ast.Constant):
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            for new in (value + 1, value - 1):
                yield source.edit(node, repr(new) if new >= 0 else f"({new!r})", f"`{value!r}` must be {new!r}", 1.4)
        elif isinstance(node, ast.Constant) and node.value is None:
            yield from (source.edit(node, text, f"`None` must be {text}", 1.4) for text in ("0", "1"))
    for node in places.nodes(ast.Tuple):
        assert isinstance(node, ast.Tuple)
        if len(node.elts) > 1 and all(isinstance(part, ast.Constant) for part in node.elts):
            for part in node.elts:
                yield source.edit(node, source.of(part), f"`{source.of(node)}` must be {source.of(part)}", 1.4)
