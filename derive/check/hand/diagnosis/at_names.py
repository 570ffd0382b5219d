"""Mistakes in what is named: a variable for another, a sign, a square, a function, one factor for another."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from derive.check.hand.diagnosis.mistakes import Mend, mistake
from derive.check.hand.diagnosis.setting import Setting
from derive.check.hand.diagnosis.trees import is_atom, is_gradient, is_jacobian, name_of, nodes, replaced, same
from derive.system import Role

_CALL = "sum mean outer dot diag onehot concat prod grad jac eye".split()


@mistake("name", 16)
def name(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """One variable for another of the same shape: a gate for another, a weight for another, h for c."""
    for node in nodes(tree):
        if not is_atom(node):
            continue
        if is_jacobian(node):
            for argument in node.args:  # type: ignore[attr-defined]
                for mend in name(argument, setting):
                    made = replaced(node, argument, mend.tree)
                    yield Mend(replaced(tree, node, made), mend.form, node, (made, node))
            continue
        inner = next((n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == name_of(node)), None)
        if inner is None:
            continue
        for other in setting.alike(inner.id) if not is_gradient(node) else ():
            made = replaced(node, inner, ast.Name(other, ast.Load()))
            yield Mend(replaced(tree, node, made), "the wrong variable: {}, not {}", node, (made, node))


@mistake("name everywhere", 17)
def everywhere(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """One variable for another wherever it stands in the term: `f[t] * (1 - f[t])` for `i[t] * (1 - i[t])`."""
    found = [node for node in nodes(tree) if is_atom(node) and not isinstance(node, ast.Call)]
    count = Counter(name_of(node) for node in found)
    for used in [name for name, times in count.items() if times > 1]:
        for other in setting.alike(used):
            made = tree
            for node in [n for n in found if name_of(n) == used]:
                inner = next(n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == used)
                made = replaced(made, node, replaced(node, inner, ast.Name(other, ast.Load())))
            names = (ast.Name(other, ast.Load()), ast.Name(used, ast.Load()))
            yield Mend(made, "the wrong variable: {}, not {}", tree, names)


@mistake("gradient of another variable", 19)
def gradient_of(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """The gradient by one variable for that by another of the same shape."""
    for node in nodes(tree):
        inner = next((n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == name_of(node)), None)
        if not is_gradient(node) or inner is None:
            continue
        for other in setting.alike(inner.id):
            made = replaced(node, inner, ast.Name(other, ast.Load()))
            yield Mend(replaced(tree, node, made), "the wrong gradient: {}, not {}", node, (made, node))


@mistake("factor for another", 22)
def exchanged(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """The derivative of one activation for that of another, or a value for a derivative."""
    for node in nodes(tree):
        if is_gradient(node) or isinstance(node, ast.Constant) or any(is_gradient(n) for n in nodes(node)):
            continue
        if not any(is_atom(n) and setting.rank(n) in (0, 1) for n in nodes(node)):
            continue
        for moved in setting.slopes_at(node):
            if not same(moved, node):
                yield Mend(replaced(tree, node, moved), "the wrong factor: {}, not {}", node, (moved, node))


@mistake("sign", 8)
def sign(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """A plus for a minus inside of a term."""
    for node in nodes(tree):
        match node:
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
                made: ast.expr = ast.BinOp(left, ast.Sub() if isinstance(op, ast.Add) else ast.Add(), right)
                yield _sign(tree, node, made)
                if isinstance(op, ast.Sub):
                    made = ast.BinOp(right, ast.Sub(), left)
                    yield _sign(tree, node, made)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                yield _sign(tree, node, operand)


def _sign(tree: ast.expr, node: ast.expr, made: ast.expr) -> Mend:
    return Mend(replaced(tree, node, made), "the sign is wrong: {}, not {}", node, (made, node))


@mistake("power or function", 24)
def power(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """A square that is missing or too many, a function that is missing or too many, `x` for `1 - x`."""
    one = ast.Constant(1)
    for node in nodes(tree):
        made: list[ast.expr] = []
        match node:
            case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
                made.append(base)
                if isinstance(exponent, ast.Constant) and isinstance(exponent.value, int) and exponent.value != 2:
                    made.append(ast.BinOp(base, ast.Pow(), ast.Constant(2)))
            case ast.BinOp(left=ast.Constant(value=1), op=ast.Sub(), right=right):
                made.append(right)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub()) if not isinstance(left, ast.Constant):
                made.append(ast.BinOp(node, ast.Pow(), ast.Constant(2)))
            case ast.Call(func=ast.Name(id=function), args=[argument]) if function not in _CALL:
                made.append(argument)
                made += [_call(other, argument) for other in setting.functions if other != function]
        if is_atom(node) and not is_gradient(node) and not isinstance(node, ast.Call):
            rank = setting.rank(node)
            role = setting.vocabulary.role(name_of(node)) if rank is not None else Role.PARAM
            if rank is not None and role is not Role.PARAM and not role.is_integer:
                made += [ast.BinOp(node, ast.Pow(), ast.Constant(2)), ast.BinOp(one, ast.Sub(), node)]
                made += [_call(function, node) for function in setting.functions]
            elif role.is_integer and rank == 0:
                made.append(_call("onehot", node))
        for other in made:
            yield Mend(replaced(tree, node, other), "{} belongs where {} stands", node, (other, node))


def _call(function: str, argument: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(function, ast.Load()), [argument], [])
