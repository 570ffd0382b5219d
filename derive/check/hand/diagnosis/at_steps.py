"""Mistakes in steps: a value at the wrong one, a sum over time that is missing, too short or at the wrong end."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from derive.check.hand.diagnosis.mistakes import Mend, mistake
from derive.check.hand.diagnosis.setting import Setting, shifted, step_text, subscripts
from derive.check.hand.diagnosis.trees import (
    is_atom,
    is_gradient,
    is_jacobian,
    name_of,
    nodes,
    placed,
    replaced,
)  # fmt: skip
from derive.check.hand.spelling import plain
from derive.expressions import AxisKind


@mistake("step", 12)
def step(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """A value at the wrong step."""
    for node in nodes(tree):
        if is_atom(node):
            for made in _other_steps(node, setting):
                yield Mend(replaced(tree, node, made), "at the wrong step: {}, not {}", node, (made, node))
    for node in nodes(tree):
        inner = [n for n in nodes(node) if is_atom(n) and _steps(n, setting)]
        if is_atom(node) or len(inner) < 2:
            continue
        for by in (1, -1, 2, -2):
            made = node
            for atom in inner:
                made = replaced(made, atom, _at(atom, 0, by))
            yield Mend(replaced(tree, node, made), "at the wrong step: {}, not {}", node, (made, node))


def _other_steps(atom: ast.expr, setting: Setting) -> Iterator[ast.expr]:
    if is_jacobian(atom):
        for argument in atom.args:  # type: ignore[attr-defined]
            for made in _other_steps(argument, setting):
                yield replaced(atom, argument, made)
        return
    for position in range(len(_steps(atom, setting))):
        for by in (1, -1, 2, -2):
            yield _at(atom, position, by)


def _steps(atom: ast.expr, setting: Setting) -> list[ast.expr]:
    """The steps of an atom; of a one-hot vector those of what chooses its entry."""
    if isinstance(atom, ast.Call) and not is_gradient(atom):
        inner = atom.args[0] if atom.args else atom
        return _steps(inner, setting) if inner is not atom else []
    return subscripts(atom)[: setting.sequences(name_of(atom))]


def _at(atom: ast.expr, position: int, by: int) -> ast.expr:
    """The atom at another step."""
    if isinstance(atom, ast.Call):
        return replaced(atom, atom.args[0], _at(atom.args[0], position, by))
    assert isinstance(atom, ast.Subscript)
    given = subscripts(atom)
    given[position] = shifted(given[position], by)
    return replaced(atom, atom.slice, placed(given[0] if len(given) == 1 else ast.Tuple(given, ast.Load()), atom))


@mistake("sum over steps", 14)
def over_steps(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """A sum over steps that is missing, too short or too long."""
    for node in nodes(tree):
        match node:
            case ast.Call(func=ast.Name(id="sum" | "mean" as how), args=[body, *over]):
                yield from _ranges(tree, node, body, over, setting)
                if how == "mean":
                    made = ast.Call(ast.Name("sum", ast.Load()), node.args, [])
                    yield Mend(replaced(tree, node, made), "a mean where a sum belongs", node)
                if over:
                    kept = ast.Call(node.func, [body, *over[:-1]], []) if over[:-1] else body
                    yield Mend(replaced(tree, node, kept), f"the sum over {_index(over[-1])} does not belong", node)
    yield from _over_entries(tree, setting)
    bound = {index for node in nodes(tree) for index in _bound(node)}
    on_left = {inner.id for inner in ast.walk(setting.claim.line.left) if isinstance(inner, ast.Name)}
    for axis in setting.vocabulary.sequences:
        index = axis.name.lower()
        if index in bound | on_left:
            continue
        made = ast.Call(ast.Name("sum", ast.Load()), [tree, ast.Name(index, ast.Load())], [])
        yield Mend(made, f"the sum over {index} is missing", tree)
        ended = _from_the_end(tree, axis.name, index, setting)
        if ended is not None:
            made = ast.Call(ast.Name("sum", ast.Load()), [ended, ast.Name(index, ast.Load())], [])
            yield Mend(made, f"one step alone, where all of {index} = 1..{axis.name} are added", tree)


def _over_entries(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """A sum over an index that is left over: of entries, or a further one over a sequence (`s1`)."""
    left = {n.id for n in ast.walk(setting.claim.line.left) if isinstance(n, ast.Name)}
    plain_steps = {axis.name.lower() for axis in setting.vocabulary.sequences}
    for node in nodes(tree):
        if not isinstance(node, ast.BinOp):
            continue
        named = [e.id for a in nodes(node) if is_atom(a) for e in subscripts(a) if isinstance(e, ast.Name)]
        inside = {index for inner in nodes(node) for index in _bound(inner)}
        for index in dict.fromkeys(named):
            if index not in left | inside | plain_steps and index.islower():
                made = ast.Call(ast.Name("sum", ast.Load()), [node, ast.Name(index, ast.Load())], [])
                yield Mend(replaced(tree, node, made), f"the sum over {index} is missing: {{}}", node, (made,))


def _from_the_end(tree: ast.expr, last: str, index: str, setting: Setting) -> ast.expr | None:
    """The term with the index in the place of the last step, where it is about that step alone."""
    found = tree
    for atom in [n for n in nodes(tree) if is_atom(n)]:
        for node in _steps(atom, setting):
            inner = next((n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == last), None)
            if inner is not None:
                found = replaced(found, inner, ast.Name(index, ast.Load()))
    return None if found is tree else found


def _ranges(tree: ast.expr, node: ast.Call, body: ast.expr, over: list[ast.expr], setting: Setting) -> Iterator[Mend]:
    for position, given in enumerate(over):
        index = _index(given)
        axis = setting.vocabulary.symbols.sequence_of(index)
        if axis is None or axis.kind is not AxisKind.SEQUENCE:
            if isinstance(given, ast.Tuple) and index:
                made = ast.Call(
                    node.func, [body, *over[:position], ast.Name(index, ast.Load()), *over[position + 1 :]], []
                )
                yield Mend(replaced(tree, node, made), f"the sum is over every {index}, not over some", node)
            continue
        last = axis.name
        choices: list[ast.expr] = [ast.Name(index, ast.Load())]
        choices += [
            ast.parse(f"({index}, {first}, {end})", mode="eval").body
            for first in ("1", "2")
            for end in (last, f"{last}-1")
            if (first, end) != ("1", last)
        ]
        if isinstance(given, ast.Tuple) and len(given.elts) == 3:
            for end in (1, 2):
                for by in (1, -1):
                    moved = list(given.elts)
                    if plain(moved[end]) == ("1" if by < 0 else last):
                        continue
                    moved[end] = shifted(moved[end], by)
                    choices.append(ast.Tuple(moved, ast.Load()))
        for choice in choices:
            if plain(choice) == plain(given):
                continue
            made = ast.Call(node.func, [body, *over[:position], choice, *over[position + 1 :]], [])
            form = f"the sum has the wrong range: {_range(choice, last)}, not {_range(given, last)}"
            yield Mend(replaced(tree, node, made), form, node)


def _range(given: ast.expr, last: str) -> str:
    if isinstance(given, ast.Tuple) and len(given.elts) == 3:
        index, first, end = given.elts
        return f"{plain(index)} = {step_text(first)}..{step_text(end)}"
    return f"{plain(given)} = 1..{last}"


def _index(given: ast.expr) -> str:
    inner = given.elts[0] if isinstance(given, ast.Tuple) and given.elts else given
    return inner.id if isinstance(inner, ast.Name) else ""


def _bound(node: ast.expr) -> list[str]:
    """The indices that a sum or a product uses up."""
    match node:
        case ast.Call(func=ast.Name(id="sum" | "mean" | "prod"), args=[_, *overs]):
            return [index for over in overs if (index := _index(over))]
    return []


@mistake("part for total", 40)
def part(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """The gradient of one use where the total is meant, or of one loss where that of all is."""
    for node in nodes(tree):
        if isinstance(node, ast.Call) and is_gradient(node) and node.keywords:
            made = ast.Call(node.func, node.args, [])
            yield Mend(replaced(tree, node, made), "a part where the total belongs: {}, not {}", node, (made, node))
        elif is_gradient(node) and isinstance(node, ast.Call) and not setting.sequences(name_of(node)):
            for axis in setting.vocabulary.sequences:
                keyword = ast.keyword("at", ast.Name(axis.name.lower(), ast.Load()))
                made = ast.Call(node.func, node.args, [keyword])
                form = "the total where the part of one step belongs: {}, not {}"
                yield Mend(replaced(tree, node, made), form, node, (made, node))
