"""Whole statements: `=` for `+=`, in the wrong place, one too many; sums over an axis that are missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from derive.check.python.edits.places import Places
from derive.check.python.source import Edit, blocks


def augmented(places: Places) -> Iterator[Edit]:
    """`=` where `+=` adds up, and back; `-=` for `+=`."""
    source = places.source
    for node in places.assigning:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Tuple):
            continue
        start, end = source.span(target)[1], source.span(node.value)[0]
        between = source.text[start:end]
        symbol = {ast.Add: "+=", ast.Sub: "-="}.get(type(node.op), "") if isinstance(node, ast.AugAssign) else "="
        if between.count(symbol or "?") != 1:
            continue
        name = source.of(target)
        faults = {
            ("=", "+="): f"`{name}` is overwritten where it must add up: `=` for `+=`",
            ("+=", "="): f"`{name}` adds to what was there before: `+=` for `=`",
            ("-=", "="): f"`{name}` subtracts from what was there before: `-=` for `=`",
        }
        for other in ("=", "+=", "-="):
            fault = faults.get((symbol, other), f"`{symbol}` stands where `{other}` belongs: the sign is wrong")
            cost = 1.0 if symbol != "=" or isinstance(target, ast.Subscript) or other == "+=" else 1.6
            yield Edit(start, end, between.replace(symbol, other), fault, cost, node.lineno)


def moves(places: Places) -> Iterator[Edit]:
    """A statement too many, before what it must follow, or on the wrong side of a loop's end."""
    source = places.source
    for function in places.functions:
        for block in blocks(function):
            for number, node in enumerate(block):
                if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr):
                    yield source.edit(node, "pass", f"`{_head(source.of(node))}` is one too many", 1.8)
                    for other in block[number + 1 : number + 9]:
                        yield from _exchanged(places, node, other, block[number + 1 : number + 9])
                if isinstance(node, ast.For) and number + 1 < len(block):
                    after = block[number + 1]
                    if isinstance(after, ast.Assign | ast.AugAssign):
                        yield from _into(places, node, after)
                if (
                    isinstance(node, ast.For)
                    and isinstance(node.body[-1], ast.Assign | ast.AugAssign)
                    and len(node.body) > 1
                ):
                    yield _out_of(places, node)


def _head(text: str) -> str:
    return text.splitlines()[0]


def _exchanged(places: Places, node: ast.stmt, other: ast.stmt, rest: list[ast.stmt]) -> Iterator[Edit]:
    """A statement moved behind a later one of its block."""
    source = places.source
    if not isinstance(other, ast.Assign | ast.AugAssign | ast.Expr):
        return
    start, end = source.span(node)[0], source.span(other)[1]
    moved = source.of(node)
    kept = source.text[source.span(node)[1] : end].lstrip()
    # What stands in the same line behind the statement, a comment, goes.
    first = rest[0]
    kept = source.text[source.span(first)[0] : end]
    text = kept + "\n" + " " * node.col_offset + moved
    yield Edit(
        start,
        end,
        text,
        f"`{_head(moved)}` comes too early: `{_head(source.of(other))}` must come first",
        1.9,
        node.lineno,
    )


def _into(places: Places, loop: ast.For, after: ast.stmt) -> Iterator[Edit]:
    source = places.source
    last = loop.body[-1]
    start, end = source.span(last)[1], source.span(after)[1]
    moved = source.of(after)
    text = "\n" + " " * last.col_offset + moved
    yield Edit(
        start, end, text, f"`{_head(moved)}` must be in the loop: behind it only one step counts", 1.6, after.lineno
    )


def _out_of(places: Places, loop: ast.For) -> Edit:
    source = places.source
    last = loop.body[-1]
    start, end = source.span(last)
    moved = source.of(last)
    text = "pass\n" + " " * loop.col_offset + moved
    return Edit(start, end, text, f"`{_head(moved)}` must be behind the loop, not in it", 1.7, last.lineno)


def scattered(places: Places) -> Iterator[Edit]:
    """`dE[w] += d`, which overwrites where an index comes twice; an array that is changed where a copy must be."""
    source = places.source
    for node in places.assigning:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Subscript):
            base, index, value = source.of(target.value), source.of(target.slice), source.of(node.value)
            fault = f"an index that comes twice in `{index}` counts once: `+=` overwrites, `np.add.at` adds"
            spelled = f"({index})" if isinstance(target.slice, ast.Tuple) else index
            yield source.edit(node, f"np.add.at({base}, {spelled}, {value})", fault, 1.3)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Subscript):
            fault = f"`{source.of(target)}` is no copy: what is done to it is done to `{source.of(node.value)}`"
            yield source.edit(node.value, f"{source.of(node.value)}.copy()", fault, 1.2)


def summed(places: Places) -> Iterator[Edit]:
    """A sum over examples or steps that is missing."""
    source = places.source
    for assigning in places.assigning:
        for axis in ("0", "1", "(0, 1)"):
            text = f"{source.operand(assigning.value)}.sum(axis={axis})"
            fault = f"the sum of `{source.of(assigning.value)}` over axis {axis} is missing"
            yield source.edit(assigning.value, text, fault, 2.2)
    for node in places.nodes(ast.Subscript):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.ctx, ast.Load):
            if isinstance(node.slice.value, int):
                fault = f"`{source.of(node)}` is one entry; all must be summed"
                yield source.edit(node, f"{source.operand(node.value)}.sum(axis=0)", fault, 2.0)
    for dictionary in places.nodes(ast.Dict):
        assert isinstance(dictionary, ast.Dict)
        for value in dictionary.values:
            for tail, said in ((".sum(axis=0)", "summed over its first axis"), (".ravel()", "without its axis of one")):
                text = f"{source.operand(value)}{tail}"
                yield source.edit(value, text, f"`{source.of(value)}` must be {said}", 1.5)
