"""What is missing in an expression: a factor, a term, an activation or its derivative, a number."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from derive.check.python.edits.places import Assigning, Places, Shape
from derive.check.python.source import Edit, Source

# Derivatives of activations in terms of their value: tanh, sigmoid, relu; a gate and what is left of it.
_DERIVATIVES = {
    "(1 - {0}**2)": "the derivative of tanh, `1 - {0}**2`, is missing",
    "{0} * (1 - {0})": "the derivative of the sigmoid, `{0} * (1 - {0})`, is missing",
    "({0} > 0)": "the derivative of relu, `{0} > 0`, is missing",
    "(1 - {0})": "the factor `1 - {0}` is missing",
    "{0}": "the factor `{0}` is missing",
}


def activations(places: Places) -> Iterator[Edit]:
    """The derivative of one activation for that of another; an activation that is missing."""
    source = places.source
    for node in places.nodes(ast.BinOp):
        assert isinstance(node, ast.BinOp)
        value = _of_one_minus(node)
        if value is not None:
            is_square = isinstance(value, ast.BinOp) and _is_square(source, value)
            base = value.left if is_square and isinstance(value, ast.BinOp) else value
            text = source.operand(base)
            if is_square:
                fault = f"`{source.of(node)}` is the derivative of tanh; here it is the sigmoid's"
                yield source.edit(node, f"{text} * (1 - {text})", fault, 1.5)
                yield source.edit(node, f"1 - np.tanh({source.of(base)})**2", f"`tanh` of `{text}` is missing", 1.8)
            else:
                yield source.edit(
                    node, text, f"`{text}` belongs here, not what is left of it, `{source.of(node)}`", 1.5
                )
                yield source.edit(node, f"1 - {text}**2", f"`{text}` must be squared: the derivative of tanh", 1.3)
                yield source.edit(node, f"{text} * (1 - {text})", f"the factor `{text}` is missing", 1.6)
        for side in (node.left, node.right) if isinstance(node.op, ast.Mult) else ():
            if isinstance(side, ast.Name | ast.Subscript) and places.is_value(source.of(side)):
                fault = f"`1 - {source.of(side)}` belongs here, not `{source.of(side)}`"
                yield source.edit(side, f"(1 - {source.of(side)})", fault, 1.5)
        if isinstance(node.op, ast.Mult) and _of_one_minus(node.right) is not None:
            last = source.of(_of_one_minus(node.right))  # type: ignore[arg-type]
            left = node.left
            if source.of(left) == last:
                fault = f"`{last} * (1 - {last})` is the derivative of the sigmoid; here it is tanh's"
                yield source.edit(node, f"(1 - {last}**2)", fault, 1.5)
            if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult) and source.of(left.right) == last:
                fault = f"`{last} * (1 - {last})` is the derivative of the sigmoid; here it is tanh's"
                yield source.edit(node, f"{source.operand(left.left)} * (1 - {last}**2)", fault, 1.5)
    for node in places.nodes(ast.Name, ast.Subscript):
        text = source.of(node)
        if isinstance(getattr(node, "ctx", None), ast.Load) and places.shape_of(node) and places.is_value(text):
            yield source.edit(node, f"np.tanh({text})", f"`tanh` of `{text}` is missing", 2.0)


def softmaxes(places: Places) -> Iterator[Edit]:
    """The softmax's derivative, `p * (d - sum(p * d))`, of which a part is missing."""
    source = places.source
    for node in places.nodes(ast.BinOp):
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
            continue
        for value, rest in ((node.left, node.right), (node.right, node.left)):
            weights = value
            if isinstance(value, ast.BinOp) and _of_one_minus(value.right) is not None:  # as a sigmoid's
                weights = value.left
            if isinstance(rest, ast.BinOp) and isinstance(rest.op, ast.Sub) and isinstance(rest.right, ast.Call):
                rest = rest.left  # what is subtracted is the sum, in some wrong form
            text, other = source.operand(weights), source.operand(rest)
            if isinstance(weights, ast.Name | ast.Subscript) and places.is_value(source.of(weights)):
                new = f"{text} * ({other} - np.sum({text} * {other}, axis=-1, keepdims=True))"
                fault = f"the derivative of the softmax is `{new}`"
                yield source.edit(node, new, fault, 2.2)


def _is_square(source: Source, node: ast.BinOp) -> bool:
    if isinstance(node.op, ast.Mult):
        return source.of(node.left) == source.of(node.right)
    return isinstance(node.op, ast.Pow)


def _of_one_minus(node: ast.expr) -> ast.expr | None:
    """What `1 - X` subtracts."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and isinstance(node.left, ast.Constant):
        return node.right if node.left.value == 1 else None
    return None


def _result_shapes(places: Places, node: Assigning) -> frozenset[Shape]:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return places.shape_of(target) if isinstance(target, ast.Name | ast.Subscript) else frozenset()


def _summands(node: ast.expr) -> Iterator[ast.expr]:
    """The terms of a sum, and the sum itself."""
    yield node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield from _summands(node.left)
        yield from _summands(node.right)


def factors(places: Places) -> Iterator[Edit]:
    """A factor that is missing: an activation's derivative, a gate."""
    source = places.source
    for node in places.assigning:
        shapes = _result_shapes(places, node)
        values = places.values[places.function_of(node)]
        for term in _summands(node.value):
            for text, others in values.items():
                if not shapes & others or text == source.of(term):
                    continue
                forms = _DERIVATIVES if places.is_value(text) else {"{0}": _DERIVATIVES["{0}"]}
                for number, (form, fault) in enumerate(forms.items()):
                    factor = form.format(text)
                    yield source.edit(
                        term, f"{source.operand(term)} * {factor}", fault.format(text), 2.5 + 0.05 * number
                    )
    yield from _inside(places)
    yield from _listed(places)


def _listed(places: Places) -> Iterator[Edit]:
    """A factor that is missing in what a loop goes through, or in what a sum is taken of."""
    source = places.source
    for function in places.functions:
        loops = [part for loop in places.loops[function] for part in ast.walk(loop.iter)]
        parts = [part for entry in loops if isinstance(entry, ast.Tuple) for part in entry.elts]
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and node.args]
        parts += [c.args[0] for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr in ("sum", "mean")]
        for part in parts:
            for text, others in places.values[function].items():
                if places.shape_of(part) & others and text != source.of(part):
                    new = f"{text} * {source.operand(part)}"
                    yield source.edit(part, new, f"the factor `{text}` is missing", 2.6)


def _inside(places: Places) -> Iterator[Edit]:
    """A factor that is missing inside a product with a matrix: `(r * h) @ U` without its `r`."""
    source = places.source
    for node in places.nodes(ast.BinOp):
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.MatMult):
            continue
        for side in (node.left, node.right):
            inner = side.value if isinstance(side, ast.Attribute) else side
            for text, others in places.values[places.function_of(node)].items():
                if places.shape_of(inner) & others and text != source.of(inner):
                    new = f"({source.operand(inner)} * {text})"
                    yield source.edit(inner, new, f"the factor `{text}` is missing", 2.9)


def terms(places: Places) -> Iterator[Edit]:
    """A term that is missing: the gradient carried from the next step, one of several uses."""
    source = places.source
    for node in places.assigning:
        shapes = _result_shapes(places, node)
        for text, others in places.values[places.function_of(node)].items():
            if shapes & others:
                carried = text.split("[")[0] in source.shapes and _is_carried(places, node, text)
                what = f"the gradient carried from the next step, `{text}`," if carried else f"the term `{text}`"
                fault = f"{what} is never added here"
                yield source.edit(node.value, f"{source.of(node.value)} + {text}", fault, 1.6 if carried else 2.0)


def _is_carried(places: Places, node: Assigning, text: str) -> bool:
    """Whether a name is assigned in the same function behind this statement, and so comes from another step."""
    lines = [n.lineno for n in places.assigning if text in {source_name(target) for target in _targets(n)}]
    function = places.function_of(node)
    return any(node.lineno < line <= (function.end_lineno or 0) for line in lines)


def _targets(node: Assigning) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _target(node: Assigning) -> ast.expr:
    return _targets(node)[0]


def source_name(node: ast.expr) -> str:
    """A name's text; nothing for anything else."""
    return node.id if isinstance(node, ast.Name) else ""


def scales(places: Places) -> Iterator[Edit]:
    """A number that is missing: 2, a half, the number of steps or examples."""
    source = places.source
    for node in places.assigning:
        function = places.function_of(node)
        counts = [name for name in places.local_names[function] if places.shapes(name) == {()}]
        if places.shape_of(target := _target(node)) == {()} and isinstance(target, ast.Name):
            yield source.edit(node.value, f"np.sqrt({source.of(node.value)})", "the square root is missing", 1.9)
        for factor in ("* 2", "* 0.5", *(f"{op} {name}" for name in counts for op in "*/")):
            said = f"the factor `{factor[2:]}`" if factor[0] == "*" else f"the division by `{factor[2:]}`"
            yield source.edit(node.value, f"{source.operand(node.value)} {factor}", f"{said} is missing", 2.4)
