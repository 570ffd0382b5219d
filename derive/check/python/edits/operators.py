"""Transposes, signs, operators, and factors or terms that are too many."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from derive.check.python.edits.places import Places
from derive.check.python.source import Edit, Source

_PRODUCTS = ("dot", "matmul", "outer", "inner")
_SYMBOLS: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.MatMult: "@", ast.Div: "/",
}  # fmt: skip
_OTHER: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.MatMult, ast.Div, ast.Add),
    ast.MatMult: (ast.Mult,),
    ast.Div: (ast.Mult,),
}
_CALLED = {
    ast.Sub: "a minus stands where a plus belongs",
    ast.Add: "a plus stands where a minus belongs",
}


def transposes(places: Places) -> Iterator[Edit]:
    """A transpose missing or extra, factors the wrong way round, the letters of an `einsum`."""
    source = places.source
    for node in places.nodes(ast.BinOp, ast.Call):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            yield from _of_product(source, node, node.left, node.right, "{} @ {}")
            yield from _of_stacks(places, node)
        elif isinstance(node, ast.Call) and len(node.args) == 2 and _called(node) in _PRODUCTS:
            form = source.of(node.func) + "({}, {})"
            if isinstance(node.func, ast.Attribute):
                yield from _of_product(source, node, node.args[0], node.args[1], form)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "dot":
            yield from _of_product(source, node, node.func.value, node.args[0], "{}.dot({})")
        elif isinstance(node, ast.Call) and _called(node) == "einsum":
            yield from _of_letters(source, node)
    for node in places.nodes(ast.Dict):
        assert isinstance(node, ast.Dict)
        for value in node.values:
            yield source.edit(value, _transposed(source, value), f"`{source.of(value)}` must be transposed", 1.5)
    for assigning in places.assigning:
        value = assigning.value
        yield source.edit(value, f"{source.operand(value)}.T", f"`{source.of(value)}` must be transposed", 1.5)
    for node in places.nodes(ast.Attribute):
        if isinstance(node, ast.Attribute) and node.attr == "T":
            yield source.edit(node, source.operand(node.value), f"`{source.of(node)}` must not be transposed", 1.2)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _transposed(source: Source, node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return source.operand(node.value)
    return f"{source.operand(node)}.T"


def _of_product(source: Source, node: ast.expr, left: ast.expr, right: ast.expr, form: str) -> Iterator[Edit]:
    for swap, turn_left, turn_right in itertools.product((False, True), repeat=3):
        if not (swap or turn_left or turn_right):
            continue
        texts = [
            _transposed(source, part) if turn else source.operand(part)
            for part, turn in ((left, turn_left), (right, turn_right))
        ]
        said = [_of_transpose(source, part) for part, turn in ((left, turn_left), (right, turn_right)) if turn]
        fault = ", and ".join(said)
        if swap:
            both = turn_left and turn_right
            fault = "the product must be transposed" if both else "the factors stand the wrong way round"
            fault += f": {'; '.join(said)}" if said and not both else ""
        cost = 1.0 if turn_left + turn_right + swap == 1 else 1.3
        yield source.edit(node, form.format(*(reversed(texts) if swap else texts)), fault, cost)


def _of_stacks(places: Places, node: ast.BinOp) -> Iterator[Edit]:
    """Of a product of stacked matrices: their last two axes exchanged, which `.T` does not."""
    source = places.source
    for part in (node.left, node.right):
        if any(len(shape) > 2 for shape in places.shape_of(part)):
            fault = f"the last two axes of `{source.of(part)}` must be exchanged"
            yield source.edit(part, f"np.swapaxes({source.of(part)}, -1, -2)", fault, 1.0)
        elif isinstance(part, ast.Call) and _called(part) in ("swapaxes", "transpose", "moveaxis") and part.args:
            inner = part.args[0]
            if isinstance(part.func, ast.Attribute) and _is_value(places, part.func.value):
                inner = part.func.value
            fault = f"the axes of `{source.of(inner)}` must not be exchanged here"
            yield source.edit(part, source.operand(inner), fault, 1.0)


def _of_transpose(source: Source, node: ast.expr) -> str:
    extra = isinstance(node, ast.Attribute) and node.attr == "T"
    name = source.of(node.value) if extra and isinstance(node, ast.Attribute) else source.of(node)
    return f"`{name}` must not be transposed here" if extra else f"the transpose of `{name}` is missing"


def _of_letters(source: Source, node: ast.Call) -> Iterator[Edit]:
    first = node.args[0] if node.args else None
    if not (isinstance(first, ast.Constant) and isinstance(first.value, str) and "->" in first.value):
        return
    inputs, _, result = first.value.partition("->")
    terms = [*inputs.split(","), result]
    letters = sorted(set(inputs) - {",", " "})
    for number, term in enumerate(terms):
        swaps = [_swapped(term, a, b) for a, b in itertools.combinations(range(len(term)), 2)]
        swaps += [term[:k] + letter + term[k + 1 :] for k in range(len(term)) for letter in letters]
        for new in swaps:
            spelled = [*terms[:number], new, *terms[number + 1 :]]
            text = repr(",".join(spelled[:-1]) + "->" + spelled[-1]).replace("'", '"')
            yield source.edit(first, text, f"the indices `{first.value}` contract the wrong axes", 1.0)


def _swapped(text: str, a: int, b: int) -> str:
    letters = list(text)
    letters[a], letters[b] = letters[b], letters[a]
    return "".join(letters)


def signs(places: Places) -> Iterator[Edit]:
    """A sign, of a statement or of a term."""
    source = places.source
    for node in places.nodes(ast.UnaryOp):
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            fault = f"the sign of `{source.of(node.operand)}` is wrong"
            yield source.edit(node, source.operand(node.operand), fault, 1.0)
    for assigning in places.assigning:
        fault = f"the sign of `{source.of(assigning.value)}` is wrong"
        yield source.edit(assigning.value, f"-{source.operand(assigning.value)}", fault, 1.0)
    for node in places.nodes(ast.BinOp):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            fault = f"the sign of `{source.of(node.left)}` is wrong"
            yield source.edit(node.left, f"-{source.operand(node.left)}", fault, 1.2)
            if isinstance(node.op, ast.Sub):  # `h - 1` for `1 - h`
                text = f"{source.operand(node.right)} - {source.operand(node.left)}"
                yield source.edit(node, text, f"the sign of `{source.of(node)}` is wrong", 1.0)


def operators(places: Places) -> Iterator[Edit]:
    """Element by element for a matrix product and back, plus for minus, times for divided by."""
    source = places.source
    for node in places.nodes(ast.BinOp):
        assert isinstance(node, ast.BinOp)
        symbol = _SYMBOLS.get(type(node.op))
        start, end = source.span(node.left)[1], source.span(node.right)[0]
        between = source.text[start:end]
        if symbol is None or between.count(symbol) != 1:
            continue
        for other in _OTHER[type(node.op)]:
            new = _SYMBOLS[other]
            fault = _CALLED.get(type(node.op), "") if other in (ast.Add, ast.Sub) else ""
            fault = fault or f"`{symbol}` stands where `{new}` belongs"
            if {ast.Mult, ast.MatMult} == {type(node.op), other}:
                kinds = ("element by element", "a matrix product")
                is_, must = kinds if isinstance(node.op, ast.Mult) else kinds[::-1]
                fault = f"`{source.of(node)}` multiplies {'as ' * (is_ == kinds[1])}{is_}; it must be {must}"
            yield Edit(start, end, between.replace(symbol, new), fault, 1.0 if symbol != "*" else 1.1, node.lineno)


def drops(places: Places) -> Iterator[Edit]:
    """A term, a factor or a power too many."""
    source = places.source
    for node in places.nodes(ast.BinOp):
        assert isinstance(node, ast.BinOp)
        left, right = source.operand(node.left), source.operand(node.right)
        if isinstance(node.op, ast.Add | ast.Sub):
            sign = "-" if isinstance(node.op, ast.Sub) else ""
            yield source.edit(node, left, f"the term `{_SYMBOLS[type(node.op)]} {right}` is one too many", 2.0)
            yield source.edit(node, sign + right, f"the term `{left}` is one too many", 2.0)
        elif isinstance(node.op, ast.Mult | ast.MatMult | ast.Div | ast.Pow):
            kind = {ast.Div: "the division by", ast.Pow: "the power"}.get(type(node.op), "the factor")
            yield source.edit(node, left, f"{kind} `{right}` is one too many", 2.0)
            if not isinstance(node.op, ast.Pow):
                yield source.edit(node, right, f"the factor `{left}` is one too many", 2.0)


_EXCHANGED = {
    "sum": ("mean",), "mean": ("sum",), "outer": ("multiply",), "multiply": ("dot",), "dot": ("multiply",),
    "matmul": ("multiply",), "maximum": ("minimum",), "minimum": ("maximum",),
}  # fmt: skip


def calls(places: Places) -> Iterator[Edit]:
    """A function too many, or one for another: a mean for a sum."""
    source = places.source
    for node in places.nodes(ast.Call):
        assert isinstance(node, ast.Call)
        method = isinstance(node.func, ast.Attribute) and _is_value(places, node.func.value)
        inner = (
            node.func.value if method and isinstance(node.func, ast.Attribute) else node.args[0] if node.args else None
        )
        if inner is not None and not isinstance(inner, ast.Starred):
            yield source.edit(node, source.operand(inner), f"`{_called(node)}` is one too many", 2.0)
        if isinstance(node.func, ast.Attribute):
            head = source.of(node.func.value)
            for other in _EXCHANGED.get(node.func.attr, ()):
                fault = f"`{node.func.attr}` stands where `{other}` belongs"
                yield source.edit(node.func, f"{head}.{other}", fault, 1.0)


def _is_value(places: Places, node: ast.expr) -> bool:
    """Whether what a method is called on is an array, and not the module NumPy."""
    return not isinstance(node, ast.Name) or bool(places.shapes(node.id))
