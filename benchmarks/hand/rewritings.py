"""Lines that are right, written in another way: they stay right."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .corruptions import Change, World, at_every_place, called, is_gradient, read, variable


def commute(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """Terms and factors in another order."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult):
        yield ast.BinOp(node.right, node.op, node.left)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        yield ast.BinOp(ast.UnaryOp(ast.USub(), node.right), ast.Add(), node.left)


def expand(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """A product of a sum as a sum of products."""
    match node:
        case ast.BinOp(
            left=ast.BinOp(left=one, op=ast.Add() | ast.Sub() as sign, right=other), op=ast.Mult(), right=right
        ):
            yield ast.BinOp(ast.BinOp(one, ast.Mult(), right), sign, ast.BinOp(other, ast.Mult(), right))
    match node:
        case ast.BinOp(
            left=left,
            op=ast.Mult() | ast.MatMult() as by,
            right=ast.BinOp(left=one, op=ast.Add() | ast.Sub() as sign, right=other),
        ):
            if not (isinstance(by, ast.MatMult) and isinstance(one, ast.Constant)):
                yield ast.BinOp(ast.BinOp(left, by, one), sign, ast.BinOp(left, by, other))


def factored(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """`1 - x**2` in other forms."""
    match node:
        case ast.BinOp(left=ast.Constant(value=1), op=ast.Sub(), right=ast.BinOp(left=base, op=ast.Pow())):
            one = ast.Constant(1)
            yield ast.BinOp(ast.BinOp(one, ast.Sub(), base), ast.Mult(), ast.BinOp(one, ast.Add(), base))
            yield ast.BinOp(one, ast.Sub(), ast.BinOp(base, ast.Mult(), base))


def diagonal(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """An element-wise factor as a diagonal matrix, or the other way."""
    match node:
        case ast.BinOp(left=ast.BinOp() as left, op=ast.Mult(), right=right) if is_gradient(right):
            yield ast.BinOp(called("diag", left), ast.MatMult(), right)
        case ast.BinOp(
            left=ast.BinOp(left=left, op=ast.MatMult(), right=ast.Call(func=ast.Name(id="diag"), args=[vector])),
            op=ast.MatMult(), right=right,
        ) if is_gradient(right):  # fmt: skip
            yield ast.BinOp(left, ast.MatMult(), ast.BinOp(vector, ast.Mult(), right))


def outer_product(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """An outer product in other forms."""
    match node:
        case ast.Call(func=ast.Name(id="outer"), args=[one, other]):
            yield ast.BinOp(one, ast.MatMult(), ast.Attribute(other, "T", ast.Load()))
            yield ast.Attribute(called("outer", other, one), "T", ast.Load())
        case ast.BinOp(left=one, op=ast.MatMult(), right=ast.Attribute(value=other, attr="T")) if (
            len(world.shapes.get(variable(other), ())) == 1
        ):
            yield called("outer", one, other)


def other_side(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """`u @ W` is `W.T @ u`."""
    match node:
        case ast.BinOp(left=ast.Attribute(value=matrix, attr="T"), op=ast.MatMult(), right=right) if len(
            world.shapes.get(variable(matrix), ())
        ) == 2 and (is_gradient(right) or variable(right)):
            yield ast.BinOp(right, ast.MatMult(), matrix)


def split_sum(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """A sum in two parts, with its range, or with its index shifted."""
    match node:
        case ast.Call(func=ast.Name(id="sum"), args=[body, ast.Name(id="t" | "s" as index)]):
            last = index.upper()
            yield called("sum", body, read(f"({index}, 1, {last})"))
            first = called("sum", body, read(f"({index}, 1, {last}-1)"))
            yield ast.BinOp(first, ast.Add(), called("sum", body, read(f"({index}, {last}, {last})")))
            moved = _Later(index).visit(read(ast.unparse(body)))
            yield called("sum", moved, read(f"({index}, 0, {last}-1)"))


class _Later(ast.NodeTransformer):
    def __init__(self, index: str) -> None:
        self.index = index

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        given = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        texts = []
        for entry in given:
            match entry:
                case ast.Name(id=name) if name == self.index:
                    texts.append(f"{name}+1")
                case ast.BinOp(left=ast.Name(id=name), op=ast.Sub(), right=ast.Constant(value=1)) if name == self.index:
                    texts.append(name)
                case ast.BinOp(left=ast.Name(id=name), op=ast.Add(), right=ast.Constant(value=1)) if name == self.index:
                    texts.append(f"{name}+2")
                case ast.Subscript():
                    texts.append(ast.unparse(self.visit(entry)))
                case _:
                    texts.append(ast.unparse(entry))
        return read(f"{ast.unparse(node.value)}[{', '.join(texts)}]")


def neutral(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """What changes nothing: halves doubled, two signs."""
    if is_gradient(node):
        half = ast.BinOp(node, ast.Div(), ast.Constant(2))
        yield ast.BinOp(ast.Constant(2), ast.Mult(), half)
        yield ast.UnaryOp(ast.USub(), ast.UnaryOp(ast.USub(), node))


REWRITINGS: dict[str, Change] = {
    "reordered": commute,
    "expanded": expand,
    "factored": factored,
    "diag": diagonal,
    "outer": outer_product,
    "u @ W for W.T @ u": other_side,
    "sum split or shifted": split_sum,
    "neutral": neutral,
}

# One name for what it stands for, by model: the forward equation, or the derivative known beforehand.
SUBSTITUTES: dict[str, dict[str, str]] = {
    "vanilla": {
        "h[t]": "tanh(a[t])",
        "yhat[t]": "softmax(o[t])",
        "grad(o[t])": "(yhat[t] - onehot(y[t]))",
        "grad(a[t])": "((1 - h[t]**2) * grad(h[t]))",
        "a[t]": "(b + W @ h[t-1] + U @ x[t])",
        "o[t]": "(c + V @ h[t])",
        "grad(h[t+1])": "(V.T @ grad(o[t+1]) + W.T @ grad(a[t+2]))",
    },
    "lstm": {
        "g[t]": "tanh(b_g + W_g @ x[t] + U_g @ h[t-1])",
        "grad(f[t])": "(c[t-1] * grad(c[t]))",
        "yhat[t]": "softmax(s[t])",
        "dc[t]": "grad(c[t])",
    },
    "gru": {
        "n[t]": "tanh(b_n + W_n @ x[t] + U_n @ (r[t] * h[t-1]))",
        "grad(n[t])": "((1 - z[t]) * grad(h[t]))",
    },
    "bidirectional": {
        "yhat[t]": "softmax(o[t])",
        "delta_h[t]": "((1 - h[t]**2) * grad(h[t]))",
        "delta_g[t]": "(diag(1 - g[t]**2) @ grad(g[t]))",
    },
    "leaky_units": {
        "alpha": "sigmoid(rho)",
        "grad(v[t])": "((1 - alpha) * grad(mu[t]))",
        "grad(o[t])": "(2 * (o[t] - y[t]))",
    },
    "output_recurrence": {
        "grad(h[t])": "(V.T @ grad(o[t]))",
        "yhat[t]": "softmax(o[t])",
        "delta[t]": "((1 - h[t]**2) * (V.T @ grad(o[t])))",
    },
    "deep_stacked": {
        "grad(o[t])": "(yhat[t] - onehot(y[t]))",
    },
    "state_space": {
        "grad(o[t, d])": "(2 * (o[t, d] - y[t, d]))",
    },
    "mgu": {
        "grad(htilde[t])": "(f[t] * grad(h[t]))",
        "grad(s[t])": "(yhat[t] - onehot(y[t]))",
    },
    "encoder_decoder": {
        "c": "tanh(C @ h[S])",
        "grad(o[t])": "(yhat[t] - onehot(y[t]))",
    },
    "irnn": {
        "W": "(eye(n_h) + D)",
    },
}


def substituted(right: ast.expr, model: str) -> Iterator[ast.expr]:
    """The line with one name for what it stands for, at one place, and at all of them."""
    for name, meaning in SUBSTITUTES.get(model, {}).items():
        wanted = ast.dump(read(name))

        def put(node: ast.expr, world: World, wanted: str = wanted, meaning: str = meaning) -> Iterator[ast.expr]:
            if ast.dump(node) == wanted:
                yield read(meaning)

        for made in at_every_place(right, put, World({}, {}, {})):
            # Not inside of a gradient or of a Jacobian: there it is what is differentiated by.
            inner = [
                n
                for n in ast.walk(made)
                if isinstance(n, ast.Call) and ast.unparse(n.func) in ("grad", "jac", "onehot")
            ]
            if all(isinstance(argument, ast.Name | ast.Subscript) for call in inner for argument in call.args):
                yield made
