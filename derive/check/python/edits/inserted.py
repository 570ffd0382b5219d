"""Statements that are missing: a carried gradient that is never set, a one-hot, a parameter that never adds up."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import replace

from derive.check.python.edits.places import Assigning, Places, Shape
from derive.check.python.source import Edit, Function


def _in_loop(places: Places) -> Iterator[Assigning]:
    for node in places.assigning:
        if places.counter_at(node) is not None:
            yield node


def _name(node: Assigning) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return target.id if isinstance(target, ast.Name) else ""


def carried(places: Places) -> Iterator[Edit]:
    """A carried gradient that the loop reads and never sets."""
    for function in places.functions:
        for loop in (node for node in ast.walk(function) if isinstance(node, ast.For)):
            inside = [node for node in ast.walk(loop) if isinstance(node, ast.Name)]
            stored = {node.id for node in inside if isinstance(node.ctx, ast.Store)}
            before = {_name(node) for node in places.assigning if node.lineno < loop.lineno} - {""}
            held = dict.fromkeys(node.id for node in inside if node.id in before - stored and places.shapes(node.id))
            last = loop.body[-1]
            made = [n for n in sorted(stored) if places.shapes(n)]
            read = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
            within = [n for n in places.assigning if loop.lineno < n.lineno <= last.lineno]
            idle = [n for n in within if isinstance(n, ast.Assign) and _name(n) not in {"", *read}]
            for name in held:
                reading = next(node for node in inside if node.id == name)
                for node in idle:
                    fault = f"`{name}` is never set in the loop; `{_name(node)}` is, and is never read"
                    edit = places.source.edit(node, f"{name} = {places.source.of(node.value)}", fault, 1.2)
                    yield replace(edit, line=reading.lineno)
                for text in _products(places, function, made, places.shapes(name)):
                    fault = f"the gradient that is carried to the step before, `{name}`, is never set"
                    edit = places.source.insertion(last, f"{name} = {text}", fault, 2.6)
                    yield replace(edit, line=reading.lineno)


def _products(places: Places, function: Function, made: list[str], shapes: frozenset[Shape]) -> Iterator[str]:
    """Products of what the loop makes with matrices and gates, of some shape."""
    argument = function.args.args[0].arg if function.args.args else "params"
    matrices = [f'{argument}["{name}"]' for name, shape in places.params.items() if len(shape) == 2]
    matrices += [name for name in places.local_names[function] if places.shapes(name) & set(places.params.values())]
    values = places.values[function]
    for name in made:
        here = places.shapes(name)
        for matrix in matrices:
            yield from _matrix_products(name, here, matrix, _shapes_of(places, matrix), shapes)
        if here & shapes:
            yield name
            yield from (f"{name} * {text}" for text, others in values.items() if others & here and text != name)


def _shapes_of(places: Places, matrix: str) -> frozenset[Shape]:
    return places.shapes(matrix) or frozenset({places.params[matrix.split('"')[1]]})


def _matrix_products(
    name: str, rows: frozenset[Shape], matrix: str, shapes: frozenset[Shape], wanted: frozenset[Shape]
) -> Iterator[str]:
    """The products of two matrices, either of them transposed, that have some shape."""
    for one, other in itertools.product(rows, shapes):
        if len(one) < 2 or len(other) != 2:
            continue
        if len(one) > 2:  # stacked: each of its matrices
            if one[-1] == other[0] and (*one[:-1], other[1]) in wanted:
                yield f"{name} @ {matrix}"
            if one[-1] == other[1] and (*one[:-1], other[0]) in wanted:
                yield f"{name} @ {matrix}.T"
            continue
        if one[1] == other[0] and (one[0], other[1]) in wanted:
            yield f"{name} @ {matrix}"
        if one[1] == other[1] and (one[0], other[0]) in wanted:
            yield f"{name} @ {matrix}.T"
        if other[0] == one[0] and (other[1], one[1]) in wanted:
            yield f"{matrix}.T @ {name}"
        if other[1] == one[0] and (other[0], one[1]) in wanted:
            yield f"{matrix} @ {name}"


def onehots(places: Places) -> Iterator[Edit]:
    """The one that is subtracted at the true class, missing."""
    for node in places.assigning:
        name = _name(node)
        for shape in places.shapes(name) if name else ():
            rows = f"np.arange(len({name}))"
            before = {2: f"{rows}, ", 3: f"{rows}[:, None], np.arange({name}.shape[1]), "}.get(len(shape), "")
            for text in _classes(places, node, shape):
                fault = f"the one-hot of the true class is missing: `{name}` is 1 too large there"
                yield places.source.insertion(node, f"{name}[{before}{text}] -= 1", fault, 2.3)
                if len(shape) == 2 and 1 in shape:
                    yield places.source.insertion(node, f"{name}[{text}] -= 1", fault, 2.3)


def _classes(places: Places, node: Assigning, shape: Shape) -> Iterator[str]:
    """What may hold the true classes of scores of some shape."""
    function = places.function_of(node)
    for text, others in places.values[function].items():
        if shape[:-1] in others or (() in others and (len(shape) == 1 or 1 in shape)):
            yield text


def resets(places: Places) -> Iterator[Edit]:
    """A sum that is never begun anew: of this step, or of this example."""
    for function in places.functions:
        for loop in (node for node in ast.walk(function) if isinstance(node, ast.For)):
            added = [n for n in ast.walk(loop) if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name)]
            for name in dict.fromkeys(node.target.id for node in added if isinstance(node.target, ast.Name)):
                adding = next(n for n in added if isinstance(n.target, ast.Name) and n.target.id == name)
                for statement in loop.body:
                    fault = f"`{name}` is never set back to zero, so that it keeps what was added before"
                    text = f"{name} = np.zeros_like({name})"
                    edit = places.source.insertion(statement, text, fault, 2.2, before=True)
                    yield replace(edit, line=adding.lineno)


def products(places: Places) -> Iterator[Edit]:
    """A term that is missing: a gradient times a matrix or a gate."""
    for node in filter(places.is_wanted, places.assigning):
        function = places.function_of(node)
        looped = places.counter_at(node) is not None
        others = _in_loop(places) if looped else [n for n in places.assigning if n.lineno < node.lineno]
        made = [_name(other) for other in others if places.function_of(other) is function]
        made = [name for name in dict.fromkeys(made) if name and places.shapes(name)]
        for text in _products(places, function, made, places.shapes(_name(node))):
            fault = f"the term `{text}` is missing"
            yield places.source.edit(node.value, f"{places.source.of(node.value)} + {text}", fault, 3.0)
            if isinstance(node.value, ast.Name) and re.search(rf"\b{node.value.id}\b", text):
                fault = f"`{node.value.id}` must go through the product: `{text}`"
                yield places.source.edit(node.value, text, fault, 2.8)


def accumulations(places: Places) -> Iterator[Edit]:
    """A parameter's gradient that is made and never added to."""
    source = places.source
    params = set(places.params.values())
    for function in places.functions:
        for loop in (node for node in ast.walk(function) if isinstance(node, ast.For)):
            if not places.is_wanted(loop.body[-1]):
                continue
            stored = {n.id for n in ast.walk(loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            entries = [n for n in ast.walk(loop) if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)]
            written = stored | {node.value.id for node in entries if isinstance(node.value, ast.Name)}
            idle = [n for n in places.local_names[function] if places.shapes(n) & params and n not in written]
            made = [n for n in sorted(stored) if places.shapes(n)]
            for name in idle:
                for text in _additions(places, function, made, places.shapes(name)):
                    fault = f"`{name}` is never added to in the loop"
                    yield source.insertion(loop.body[-1], f"{name} += {text}", fault, 3.0)


def _additions(places: Places, function: Function, made: list[str], shapes: frozenset[Shape]) -> Iterator[str]:
    """Sums and outer products that have some shape."""
    for one in made:
        for shape in places.shapes(one):
            if shape in shapes:
                yield one
            if shape[1:] in shapes:
                yield f"{one}.sum(axis=0)"
            for two, others in places.values[function].items() if len(shape) == 2 else ():
                if any(len(other) == 2 and (shape[1], other[1]) in shapes for other in others):
                    yield f"{one}.T @ {two}"
                if any(len(other) == 2 and (shape[0], other[0]) in shapes for other in others):
                    yield f"{one} @ {two}.T"
