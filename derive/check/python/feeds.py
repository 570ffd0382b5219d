"""Which statements of a person's function a returned gradient comes through, by the names alone."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from derive.check.python.source import Function, Source, statements


class Feeds:
    """The lines of the called function that each parameter's gradient comes through.

    Other functions are called for several gradients, so that their lines say nothing.
    """

    def __init__(self, source: Source, params: Sequence[str]) -> None:
        """Follow every parameter back from the `return`."""
        self.lines: dict[str, set[int]] = {}
        self.own: set[int] = set()
        if len(source.functions) > 1:
            return
        function = source.functions[0]
        made = _made(function)
        self.own = {line for entries in made.values() for line, _ in entries}
        for name in params:
            self.lines[name] = _reached(made, _returned(function, name))

    def doubt(self, line: int, wrong: Sequence[str], right: Sequence[str]) -> tuple[float, float]:
        """Low for a line that every wrong gradient comes through and no right one; of the `return`, lowest."""
        if line not in self.own:
            return 0.0, 0.0
        missed = sum(line not in self.lines[name] for name in wrong)
        return float(missed), float(sum(line in self.lines[name] for name in right))


def _returned(function: Function, param: str) -> set[str]:
    """The names that a parameter's entry of the answer reads."""
    found: set[str] = set()
    for node in ast.walk(function):
        if not isinstance(node, ast.Return) or node.value is None:
            continue
        if isinstance(node.value, ast.Dict):
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == param:
                    found |= _read(value)
        elif isinstance(node.value, ast.Name):
            found |= {f"{node.value.id}[{param!r}]", f"{node.value.id}[*]"}
        else:
            found |= _read(node.value)
    return found


def _made(function: Function) -> dict[str, list[tuple[int, set[str]]]]:
    """By name: the lines that assign it, and what each reads."""
    found: dict[str, list[tuple[int, set[str]]]] = {}
    for node in statements(function):
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            value: ast.expr = node.value
        elif isinstance(node, ast.For):
            targets, value = [node.target], node.iter
        else:
            continue
        for target in targets:
            for one, given in _pairs(target, value):
                for name in _stored(one):
                    found.setdefault(name, []).append((node.lineno, _read(given) | _read(one) - {name}))
    return found


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """What each part of a target is given: `dW, db = zeros(3), zeros(2)`."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]


def _stored(target: ast.expr) -> set[str]:
    if isinstance(target, ast.Tuple | ast.List):
        return {name for part in target.elts for name in _stored(part)}
    if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        base, key = target.value.id, target.slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            return {f"{base}[{key.value!r}]"}
        return {base, f"{base}[*]"}
    return {target.id} if isinstance(target, ast.Name) else set()


def _read(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _reached(made: dict[str, list[tuple[int, set[str]]]], names: set[str]) -> set[int]:
    lines: set[int] = set()
    waiting, seen = sorted(names), set(names)
    while waiting:
        for line, read in made.get(waiting.pop(), ()):
            lines.add(line)
            waiting += sorted(read - seen)
            seen |= read
    return lines
