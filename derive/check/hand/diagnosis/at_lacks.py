"""What is not there: a factor, a gradient, a matrix, a term inside of brackets."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from derive.check.hand.diagnosis.mistakes import Mend, mistake
from derive.check.hand.diagnosis.setting import Setting
from derive.check.hand.diagnosis.trees import (
    Term,
    is_atom,
    is_gradient,
    is_jacobian,
    joined,
    name_of,
    nodes,
    replaced,
    same,
    terms,
    wholes,
)  # fmt: skip


@mistake("part of a sum", 17)
def part_of_sum(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """One term alone of a gradient that has several, inside of brackets: `yhat[t]` for `yhat[t] - onehot(y[t])`."""
    for node in wholes(tree):
        if isinstance(node, ast.Constant):
            continue
        for whole in setting.sums_at(node):
            parts = list(terms(whole))
            rest = [p for p in parts if not same(_signed(p), node)]
            if len(rest) == len(parts) - 1:
                form = f"a term is missing in the brackets: {'-' if rest[0].minus else ''}{{}}"
                yield Mend(replaced(tree, node, whole), form, node, (rest[0].node,))


def _signed(term: Term) -> ast.expr:
    return ast.UnaryOp(ast.USub(), term.node) if term.minus else term.node


@mistake("derivative of an activation", 18)
def slope(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """A factor that the chain rule brings and that is not there."""
    for node in wholes(tree):
        if not _may_lack(node, tree, setting):
            continue
        for factor in setting.slopes_at(node):
            made = ast.BinOp(factor, ast.Mult(), node)
            what = "the derivative of the activation" if _is_slope(factor) else "a factor"
            yield Mend(replaced(tree, node, made), what + " is missing: {} before {}", node, (factor, node))
    for factor in setting.slopes_at(tree) if is_jacobian(setting.claim.line.left) else ():
        what = "the derivative of the activation" if _is_slope(factor) else "a factor"
        diagonal = ast.Call(ast.Name("diag", ast.Load()), [factor], [])
        for parts, where in (((diagonal, tree), "before"), ((tree, diagonal), "behind")):
            made = ast.BinOp(parts[0], ast.MatMult(), parts[1])
            yield Mend(made, what + f" is missing: {{}} {where} {{}}", tree, (diagonal, tree))


@mistake("missing divisor", 26)
def divisor(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """A quotient without what it is divided by."""
    for node in wholes(tree):
        if _may_lack(node, tree, setting):
            for below in setting.divisors_at(node):
                made = ast.BinOp(node, ast.Div(), below)
                yield Mend(replaced(tree, node, made), "{1} is not divided by {0}", node, (below, node))


def _may_lack(node: ast.expr, tree: ast.expr, setting: Setting) -> bool:
    """Whether a factor may be missing before a node: before a gradient, an own name, a product, the whole."""
    if node is tree or isinstance(node, ast.BinOp) or (isinstance(node, ast.Call) and not is_atom(node)):
        return True
    return is_atom(node) and (is_gradient(node) or name_of(node) in setting.vocabulary.own)


def _is_slope(factor: ast.expr) -> bool:
    return any(isinstance(n, ast.BinOp) and isinstance(n.op, ast.Sub) for n in nodes(factor))


@mistake("missing matrix", 21)
def matrix(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """A gradient that no matrix carries to where it is needed."""
    for node in nodes(tree):
        if not is_atom(node):
            continue
        for entry in setting.matrix_entries(node):
            made = ast.BinOp(entry, ast.Mult(), node)
            yield Mend(replaced(tree, node, made), "a matrix is missing: {} before {}", node, (entry, node))
        for name in setting.matrices if setting.rank(node) == 1 else ():
            turned = ast.Attribute(ast.Name(name, ast.Load()), "T", ast.Load())
            made = ast.BinOp(turned, ast.MatMult(), node)
            yield Mend(replaced(tree, node, made), "a matrix is missing: {} before {}", node, (turned, node))


@mistake("name of another shape", 27)
def misshapen(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """One variable for another of another shape, in a line whose shapes do not fit."""
    if setting.claim.fault is None:
        return
    for node in nodes(tree):
        if not is_atom(node) or is_jacobian(node):
            continue
        rank = setting.rank(node)
        choices: list[ast.expr] = []
        if rank == 2 and not is_gradient(node):
            choices = [ast.Name(name, ast.Load()) for name in setting.matrices]
        elif rank in (0, 1):
            choices = [value for value in setting.values_at(node) if is_gradient(value) == is_gradient(node)]
        for value in choices:
            if not same(value, node):
                yield Mend(replaced(tree, node, value), "the wrong variable: {}, not {}", node, (value, node))


@mistake("missing factor", 28)
def factor(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """A gradient or a value that is not there, with which something is multiplied."""
    for node in wholes(tree):
        if isinstance(node, ast.Constant):
            continue
        for value in setting.values_at(node):
            if same(value, node):
                continue
            what = "the gradient" if is_gradient(value) else "a factor"
            made: ast.expr = ast.BinOp(node, ast.Mult(), value)
            yield Mend(replaced(tree, node, made), what + " is missing: {1} times {0}", node, (node, value))
            if is_gradient(value):
                made = ast.BinOp(node, ast.MatMult(), value)
                yield Mend(replaced(tree, node, made), what + " is missing: {1} behind {0}", node, (node, value))


@mistake("term inside of brackets", 50)
def inside(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """A term missing, or one too many, in a sum that is a factor."""
    for node in nodes(tree):
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)):
            continue
        parts = list(terms(node))
        for n, part in enumerate(parts):
            made = joined([*parts[:n], *parts[n + 1 :]])
            # `1 - h[t]**2` without its square is no factor at all: that is a factor too many.
            if not isinstance(made, ast.Constant):
                form = "a term too many: {} does not belong"
                yield Mend(replaced(tree, node, made), form, part.node, (part.node,))
    for node in wholes(tree):
        carries = any(map(setting.may_be_gradient, nodes(node)))
        if node is tree or not carries or (is_atom(node) and setting.rank(node) != 1):
            continue
        for term in setting.others_at(node):
            if not same(term.node, node):
                made = ast.BinOp(node, ast.Sub() if term.minus else ast.Add(), term.node)
                yield Mend(replaced(tree, node, made), "a term is missing in the brackets: {}", node, (term.node,))


@mistake("complement", 23)
def complement(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """`1 - x` of which only a part is there, or a minus before it: `-h[t]**2` for `1 - h[t]**2`."""
    one = ast.Constant(1)
    for node in nodes(tree):
        inner = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
        if (isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Pow)) or (is_atom(inner) and inner is not node):
            made = ast.BinOp(one, ast.Sub(), inner)
            yield Mend(replaced(tree, node, made), "{} belongs where {} stands", node, (made, node))
