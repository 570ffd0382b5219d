"""The true line that a claim stands for, in the words of the language and in names that a person can write."""

from __future__ import annotations

import ast
import copy
import operator
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from derive.check.hand.diagnosis.trees import is_atom, name_of, nodes, placed, replaced
from derive.check.hand.lines import HandLine
from derive.check.hand.reader import read_hand
from derive.check.hand.vocabulary import Checkable
from derive.emit.notation import render
from derive.emit.notation.lines import Notation
from derive.system import Role

ROUNDS = 8  # how deep parts of the model nest in each other


def derived(model: Checkable, notation: Notation = "array") -> dict[str, tuple[HandLine, ...]]:
    """The derived lines of every gradient, and those of the model, by what they are of: `grad(h)`, `h`."""
    kept: Any = model  # one object for each model
    return _derived(kept, notation)


@lru_cache(maxsize=16)
def _derived(model: Checkable, notation: Notation) -> dict[str, tuple[HandLine, ...]]:
    system = model.gradient().system
    gradient = [e for e in system.equations if system.by_name[e.target].role is Role.GRAD]
    parts = [e for e in system.equations if system.by_name[e.target].is_generated and e not in gradient]
    text = [
        *render(system, gradient, notation, unicode=False),
        *render(system, parts, notation, unicode=False),
        *render(model.system, model.system.equations, notation, unicode=False),
    ]
    found: dict[str, list[HandLine]] = {}
    for line in read_hand("\n".join(text)).lines:
        if isinstance(line, HandLine):
            head = name_of(line.left)
            found.setdefault(f"grad({head})" if isinstance(line.left, ast.Call) else head, []).append(line)
    return {name: tuple(lines) for name, lines in found.items()}


def in_own_names(tree: ast.expr, model: Checkable, notation: Notation = "array") -> ast.expr | None:
    """An expression without names that derive made for parts of the model; None where one stays."""
    table = derived(model, notation)
    for _ in range(ROUNDS):
        made = next((n for n in nodes(tree) if is_atom(n) and "." in name_of(n)), None)
        if made is None:
            return tree
        is_gradient = isinstance(made, ast.Call)
        lines = table.get(f"grad({name_of(made)})" if is_gradient else name_of(made), ())
        if len(lines) != 1 or lines[0].conditions:
            return None
        inside = moved(lines[0], _subscripts(made.args[0] if is_gradient else made))  # type: ignore[attr-defined]
        if inside is None:
            return None
        tree = replaced(tree, made, inside)
    return None


def moved(line: HandLine, subscripts: list[ast.expr]) -> ast.expr | None:
    """The right side of a line at other steps; None where its left side is no plain index at each."""
    left = line.left.args[0] if isinstance(line.left, ast.Call) else line.left
    own = _subscripts(left)
    if len(own) != len(subscripts) or not all(isinstance(node, ast.Name) for node in own):
        return None
    table = {node.id: given for node, given in zip(own, subscripts, strict=True) if isinstance(node, ast.Name)}
    return placed(copy.deepcopy(_put(line.right, table)), line.right)


def entered(tree: ast.expr, own: str, given: str, taken: Collection[str] = ()) -> ast.expr:
    """An expression in index notation with another index in the place of its own; what it binds gives way.

    Args:
        tree: the expression.
        own: its own index.
        given: the index to be put there.
        taken: further indices that it may not bind.
    """
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    bound = {over.id for call in calls for over in call.args[1:] if isinstance(over, ast.Name)}
    away = sorted(bound & {given, *taken})
    table: dict[str, ast.expr] = {name: ast.Name(f"{name}_", ast.Load()) for name in away}
    table[own] = ast.Name(given, ast.Load())
    return _put(tree, table)


def _put(tree: ast.expr, table: Mapping[str, ast.expr]) -> ast.expr:
    """Steps in the place of indices, with the numbers added up that this brings together; the rest is shared."""
    if isinstance(tree, ast.Name):
        return table.get(tree.id, tree)
    given: dict[str, object] = {}
    for name in tree._fields:
        value = getattr(tree, name)
        if isinstance(value, ast.expr):
            given[name] = _put(value, table)
        elif isinstance(value, list):
            given[name] = [_put(inner, table) if isinstance(inner, ast.expr) else inner for inner in value]
            given[name] = value if all(map(operator.is_, given[name], value)) else given[name]  # type: ignore[call-overload]
    if all(value is getattr(tree, name) for name, value in given.items()):
        return tree
    made = type(tree)(**({name: getattr(tree, name) for name in tree._fields} | given))
    if isinstance(made, ast.BinOp) and _number(made):
        return shifted(made.left, _number(made))
    return ast.copy_location(made, tree)


def _number(node: ast.BinOp) -> int:
    """What `left + 1` adds, where the left is a step itself."""
    if isinstance(node.op, ast.Add | ast.Sub) and isinstance(node.right, ast.Constant):
        inner = node.left.left if isinstance(node.left, ast.BinOp) else node.left
        if isinstance(node.right.value, int) and isinstance(inner, ast.Name):
            return node.right.value if isinstance(node.op, ast.Add) else -node.right.value
    return 0


def shifted(step: ast.expr, by: int) -> ast.expr:
    """`t + 1` from `t`; a step by 0 is `t` again."""
    match step:
        case ast.Constant(value=int(number)):
            return ast.copy_location(ast.Constant(number + by), step)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return ast.copy_location(ast.Constant(by - number), step)
        case ast.BinOp(left=base, op=ast.Add() | ast.Sub() as sign, right=ast.Constant(value=int(number))):
            total = (number if isinstance(sign, ast.Add) else -number) + by
        case _:
            base, total = step, by
    if total == 0:
        return base
    made = ast.BinOp(base, ast.Add() if total > 0 else ast.Sub(), ast.Constant(abs(total)))
    return placed(made, step)


def steps_between(one: ast.expr, other: ast.expr) -> int | None:
    """By how much one step comes before another; None where that cannot be told."""
    parts = []
    for step in (one, other):
        base, by = step, 0
        if isinstance(step, ast.BinOp) and _number(step):
            base, by = step.left, _number(step)
        if not isinstance(base, ast.Name):
            return None
        parts.append((base.id, by))
    (first, early), (second, late) = parts
    return late - early if first == second else None


def _subscripts(node: ast.AST) -> list[ast.expr]:
    if not isinstance(node, ast.Subscript):
        return []
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
