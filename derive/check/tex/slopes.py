r"""Derivatives of functions as a person writes them, `\sigma'(a)`: spelled with functions of the language."""

from __future__ import annotations

import ast
import copy
from functools import lru_cache

import sympy

from derive.expressions import Ref
from derive.functions import TABLE
from derive.system import System


@lru_cache(maxsize=64)
def _spelled(name: str) -> str:
    """The derivative of a function at x; the text is SymPy's of the table's own expression."""
    x = sympy.Symbol("x", real=True)
    row = TABLE[name].row
    return str(sympy.sympify(row.derivatives(*([x] * row.arity))[0]))


def slope(name: str, argument: ast.expr) -> ast.expr:
    """The derivative of a function of one argument, at an argument.

    >>> ast.unparse(slope("tanh", ast.Name("a")))
    '1 - tanh(a) ** 2'
    """
    tree = ast.parse(_spelled(name), mode="eval").body
    for node in ast.walk(tree):
        # The text is ours: its nodes have no place in the person's.
        for attribute in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            if hasattr(node, attribute):
                delattr(node, attribute)
    made = _Put(argument).visit(tree)
    assert isinstance(made, ast.expr)
    return made


def has_slope(name: str) -> bool:
    """Whether a function has one argument and a derivative."""
    return name in TABLE and TABLE[name].row.arity == 1


class _Put(ast.NodeTransformer):
    def __init__(self, argument: ast.expr) -> None:
        self.argument = argument

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self.argument) if node.id == "x" else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        node.args = [self.visit(argument) for argument in node.args]
        if isinstance(node.func, ast.Name) and node.func.id == "less":
            condition = ast.Compare(node.args[0], [ast.Lt()], [node.args[1]])
            return ast.Call(ast.Name("where", ast.Load()), [condition, ast.Constant(1), ast.Constant(0)], [])
        if isinstance(node.func, ast.Name) and node.func.id == "where" and isinstance(node.args[0], ast.Call):
            inner = node.args[0]
            if isinstance(inner.func, ast.Name) and inner.func.id == "where":
                node.args[0] = inner.args[0]
        return node


def takes(system: System, name: str) -> bool:
    """Whether a system takes a function of anything."""
    calls = (call for equation in system.equations for call in equation.right.atoms(sympy.Function))
    return any(type(call).__name__ == name for call in calls)


def functions_of(system: System, name: str) -> list[str]:
    """The functions of one argument that a system takes of a variable: what `f` may be in `f(a_t)`."""
    found: set[str] = set()
    for equation in system.equations:
        for call in equation.right.atoms(sympy.Function):
            of = call.args[0]
            if len(call.args) == 1 and isinstance(of, Ref) and of.name == name and has_slope(type(call).__name__):
                found.add(type(call).__name__)
    return sorted(found)
