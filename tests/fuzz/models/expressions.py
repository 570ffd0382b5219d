"""Expressions of a wanted shape, from everything that the language has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.fuzz.models import helpers, reductions
from tests.fuzz.models.leaves import applied, end, looked_up, vivid
from tests.fuzz.models.scope import Builder, Scope, leaf
from tests.fuzz.models.text import (
    ATOM,
    POWER,
    PRODUCT,
    SIGN,
    Expr,
    Shape,
    add,
    call,
    literal,
    number,
    over,
    product,
    subscripts,
    times,
)

SMOOTH = ("tanh", "sigmoid", "sin", "cos", "erf", "softplus", "silu", "gelu", "elu", "tan")
KINKED = ("relu", "abs", "leaky_relu", "hardtanh", "hardsigmoid", "sign")
SATURATING = ("tanh", "sigmoid", "sin", "cos", "erf")


def array(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    """An expression of a shape."""
    b.busy += 1
    if depth <= 0 or b.busy > b.budget:
        return end(b, scope, shape)
    ways = [*ANY, *BY_RANK.get(len(shape), ())]
    found = b.pick(ways)(b, scope, shape, depth - 1)
    return tame(b, found, 25.0)


def tame(b: Builder, inner: Expr, most: float) -> Expr:
    """The expression, or a function of it that is bounded."""
    if inner.large <= most:
        return inner
    return call(b.pick(("tanh", "sigmoid", "erf")), inner.text)


def offset(b: Builder, scope: Scope, shape: Shape, inner: Expr) -> Expr:
    """The expression plus something random, so that it is at no kink and has no ties."""
    return inner if inner.varies and not inner.text.startswith("sign") else add(inner, vivid(b, scope, shape))


def strict(scope: Scope) -> Scope:
    return replace(scope, strict=True)


def _leaf(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    return end(b, scope, shape)


def _sum(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    return add(array(b, scope, shape, depth), array(b, scope, shape, depth), b.pick("+-"))


def _scalar(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    return array(b, scope, (), depth - 1)


def _scaled(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    factor = number(b.number()) if b.chance(2) else _scalar(b, scope, shape, depth)
    inner = array(b, scope, shape, depth)
    way = b.whole(0, 3)
    if way == 1:
        return times(inner, factor)
    if way == 2:
        return add(factor, inner, "-")
    if way == 3:
        return Expr(f"-{inner.at(PRODUCT)}", inner.large, SIGN)
    return times(factor, inner)


def _product(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    return times(tame(b, array(b, scope, shape, depth), 5.0), tame(b, array(b, scope, shape, depth), 5.0))


def _smooth(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    function = b.pick(SMOOTH)
    inner = array(b, scope, shape, depth)
    if function == "tan":
        inner = call("sin", inner.text)
    return call(function, inner.text, large=1.0 if function in SATURATING else inner.large + 0.7)


def _kinked(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    inner = offset(b, scope, shape, array(b, scope, shape, depth))
    function = b.pick(KINKED)
    arguments = [inner.text] + (["slope=0.2"] if function == "leaky_relu" and b.chance(2) else [])
    return call(function, *arguments, large=inner.large)


def _exponential(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    inner = tame(b, array(b, scope, shape, depth), 1.5)
    way = b.whole(0, 2)
    if way == 1:
        return Expr(f"2 ** {inner.at(ATOM)}", 3.0, POWER)
    return call("exp", inner.text if way == 0 else f"-{inner.at(PRODUCT)}", large=3.0)


def _logarithm(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    return call("log", positive(b, scope, shape, depth).text, large=2.0)


def _root(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    inner = positive(b, scope, shape, depth)
    return (
        call("sqrt", inner.text, large=inner.large) if not b.chance(3) else Expr(f"{inner.at(ATOM)} ** 0.5", 3.0, POWER)
    )


def _ratio(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    below = positive(b, scope, shape if b.chance(2) else (), depth)
    above = number(1) if below.text and b.chance(3) and not shape else array(b, scope, shape, depth)
    return over(above, below)


def _power(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    kind = b.whole(0, 3)
    if kind == 3:
        return Expr(f"{positive(b, scope, shape, depth).at(ATOM)} ** {b.pick(('-1', '-0.5', '-2', '1.5'))}", 3.0, POWER)
    inner = tame(b, array(b, scope, shape, depth), 4.0 if kind < 2 else 2.0)
    return Expr(f"{inner.at(ATOM)}**{2 if kind < 2 else 3}", inner.large**2, POWER)


def positive(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    """An expression that is safely above 0, for a log, a root or a denominator."""
    inner = tame(b, array(b, strict(scope), shape, depth), 5.0)
    way = b.whole(0, 5)
    if way == 1:
        return call("exp", call("tanh", inner.text).text, large=3.0)
    if way == 2:
        return add(number(1.5), call(b.pick(("tanh", "sin", "sigmoid")), inner.text))
    if way == 3:
        return call("sigmoid", call("sin", inner.text).text)
    if way == 4:
        return add(call("softplus", inner.text, large=inner.large + 0.7), number(0.2))
    return add(number(1), Expr(f"{inner.at(ATOM)}**2", inner.large**2, POWER))


def condition(b: Builder, scope: Scope, shape: Shape, depth: int) -> str:
    """A comparison: of numbers of indices, or of what is random."""
    compare = b.pick(("<", "<=", ">", ">="))
    if scope.data and b.chance(5):
        return f"{looked_up(b, strict(scope), literal(3))} {b.pick(('==', '<', '>='))} {b.pick(('1', '0', '2'))}"
    indexed = [(step.name, ("1", step.sequence, "2")) for step in scope.steps]
    indexed += [(name, ("0", "1")) for name, _ in scope.features]
    if indexed and b.chance(2):
        name, ends = b.pick(indexed)
        others = [n for n, e in indexed if n != name and e == ends]
        return f"{name} {b.pick((*compare.split(), '=='))} {b.pick([*ends, *others])}"
    one = offset(b, scope, shape, array(b, scope, shape, depth - 1))
    other = number(b.number()) if b.chance(2) else array(b, scope, shape if b.chance(2) else (), depth - 1)
    return f"{one.at(PRODUCT)} {compare} {other.at(PRODUCT)}"


def _where(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    test = condition(b, scope, shape if b.chance(2) else (), depth)
    one, other = array(b, scope, shape, depth), array(b, scope, shape if b.chance(2) else (), depth)
    return call("where", test, one.text, other.text, large=max(one.large, other.large))


def _extreme(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    one = array(b, scope, shape, depth)
    other = number(b.number()) if b.chance(3) else array(b, scope, shape, depth)
    one = add(one, vivid(b, scope, shape)) if not (one.varies and other.text[-1].isdigit()) else one
    return call(b.pick(("maximum", "minimum")), one.text, other.text, large=max(one.large, other.large))


def _over_steps(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    return reductions.over_steps(b, scope, shape, depth, array)


def _part_of_it(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    """An expression subscripted: an entry, a row, a stretch."""
    size = b.size()
    inner = array(b, scope, (size, *shape), depth) if len(shape) < 2 else end(b, scope, (size, *shape))
    if scope.data and size.least > 1 and b.chance(2):
        return leaf(f"{inner.at(ATOM)}[{looked_up(b, scope, size)}]", inner.large)
    return leaf(f"{inner.at(ATOM)}[0]", inner.large)


def _helped(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    """What a helper gives; within a helper, what another one gives."""
    if len(b.definitions) > 3:
        return end(b, scope, shape)
    found = helpers.of_a_sequence(b, scope, shape) if b.chance(2) else None
    return found or helpers.called(b, scope, shape, depth, array)


def _normalised(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    """A softmax over an index of the scope, which stays."""
    names = [step.name for step in scope.steps if (step.low, step.high, step.bounded) == (1, 0, False)]
    names += [name for name, _ in scope.features]
    if not names or scope.pending or shape:
        return end(b, scope, shape)
    name = b.pick(names[::-1])
    inner = array(b, scope, shape, depth)
    step = next((step for step in scope.steps if step.name == name), None)
    if step is None and not subscripts(name, inner.text):
        inner = add(inner, vivid(b, scope, shape))
    others = [s.name for s in scope.steps if step and s.sequence == step.sequence and s.name != name and not s.bounded]
    if others and b.chance(2):
        return call("softmax", inner.text, f"({name}, 1, {others[0]})")
    if step and b.chance(3):
        return call("softmax", inner.text, f"({name}, 1, {step.sequence})")
    return call("logsoftmax" if b.chance(3) else "softmax", inner.text, name, large=2.0)


# --- scalars ------------------------------------------------------------------------------------------------------


def _inner(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    size = b.size()
    one, other = array(b, scope, (size,), depth), array(b, scope, (size,), depth)
    large = one.large * other.large * 1.5
    return product(one, other, large) if b.chance(2) else call("dot", one.text, other.text, large=large)


def _of_array(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    own = b.shape()
    own = own or (b.size(),)
    inner = array(b, scope, own, depth)
    function = b.pick(("sum", "mean", "max", "norm2", "logsumexp"))
    if function in ("max", "norm2"):
        inner = add(inner, vivid(b, replace(scope, features=()), own))
    if function == "logsumexp" and len(own) > 1:
        function = "sum"
    return call(function, inner.text, large=inner.large * (3 if function == "sum" else 1.5))


def _over_pairs(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    """A sum over two named indices."""
    sizes = (b.size(), b.size())
    inside = scope
    for size in sizes:
        inside = inside.with_feature(b.index(inside), size)
    names = [name for name, _ in inside.features[-2:]]
    weight = Expr(f"{b.param(sizes).name}[{', '.join(names)}]")
    inner = array(b, inside, (), depth - 1)
    function = b.pick(("sum", "mean", "logsumexp", "max"))
    both = times(weight, inner) if function in ("sum", "mean") else add(weight, inner)
    return call(function, both.text, *(names if b.chance(2) else names[::-1]), large=both.large * 3)


def _over_entries(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    return reductions.over_entries(b, scope, shape, depth, array)


# --- vectors ------------------------------------------------------------------------------------------------------


def _applied(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    size = b.size()
    return applied(b, scope, shape, array(b, scope, (size,), depth), size)


def _matrix_applied(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    size = b.size()
    matrix, vector = array(b, scope, (*shape, size), depth), array(b, scope, (size,), depth)
    return product(matrix, vector, matrix.large * vector.large * 1.5)


def _softmax(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    inner = array(b, scope, shape, depth)
    return call("softmax", inner.text) if not b.chance(3) else call("logsoftmax", inner.text, large=inner.large + 1)


def _joined(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    """A concatenation, or a part of one."""
    rest = b.size()
    first, second = array(b, scope, shape, depth), array(b, scope, (rest,), depth)
    terms = shape[0].terms
    if len(terms) == 2 and not shape[0].number and all(count == 1 for _, count in terms) and b.chance(2):
        parts = [array(b, scope, (replace(shape[0], terms=(term,)),), depth) for term in terms]
        return call("concat", *(part.text for part in parts), large=max(part.large for part in parts))
    if b.chance(2):
        return leaf(f"concat({first.text}, {second.text})[:{shape[0].text}]", first.large)
    return leaf(f"concat({second.text}, {first.text})[{rest.text}:]", first.large)


def _diagonal(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    one, other = array(b, scope, shape, depth), array(b, scope, shape, depth)
    return product(call("diag", one.text), other, one.large * other.large)


def _along(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    """Index notation within array notation: scalars of a named index, one behind the other."""
    name, rest = b.index(scope), b.size()
    inside = scope.with_feature(name, shape[0])
    first = add(array(b, inside, (), depth - 1), Expr(f"{b.param(shape).name}[{name}]"))
    joined = call("concat", first.text, Expr(f"{b.param((shape[0],)).name}[{name}]").text, name)
    if rest == shape[0]:
        return leaf(f"{joined.text}[{rest.text}:]", first.large)
    return leaf(f"{joined.text}[:{shape[0].text}]", first.large)


def _row(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    """A row, which stands left of a matrix."""
    size = b.size()
    inner = array(b, scope, (size,), depth)
    row = product(Expr(f"{inner.at(ATOM)}.T"), leaf(b.param((size, *shape)).name), inner.large * 1.5)
    return leaf(f"({row.text}).T", row.large)


# --- matrices -----------------------------------------------------------------------------------------------------


def _outer(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    one, other = array(b, scope, shape[:1], depth), array(b, scope, shape[1:], depth)
    large = one.large * other.large
    if b.chance(2):
        return product(one, Expr(f"{other.at(ATOM)}.T"), large)
    return call("outer", one.text, other.text, large=large)


def _square(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    if shape[0] != shape[1]:
        return _outer(b, scope, shape, depth)
    if b.chance(2):
        return call("eye", shape[0].text)
    inner = array(b, scope, shape[:1], depth)
    return call("diag", inner.text, large=inner.large)


def _matrix_product(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    size = b.size()
    one, other = array(b, scope, (shape[0], size), depth - 1), array(b, scope, (size, shape[1]), depth - 1)
    return product(one, other, one.large * other.large * 1.5)


def _cube_applied(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    """An array of three axes on a vector, at either of its ends."""
    size = b.size()
    inner = array(b, scope, (size,), depth)
    if b.chance(2):
        return product(inner, leaf(b.param((size, *shape)).name), inner.large * 1.5)
    return product(leaf(b.param((*shape, size)).name), inner, inner.large * 1.5)


def _transposed(b: Builder, scope: Scope, shape: Shape, depth: int) -> Expr:
    inner = array(b, scope, shape[::-1], depth)
    return leaf(f"{inner.at(ATOM)}.T", inner.large)


Way = Callable[[Builder, Scope, Shape, int], Expr]
ANY: tuple[Way, ...] = (
    _leaf, _sum, _smooth, _product, _scaled, _ratio, _power, _where, _over_steps, _exponential, _logarithm, _root,
    _kinked, _extreme, _part_of_it, _helped, _normalised,
)  # fmt: skip
BY_RANK: dict[int, tuple[Way, ...]] = {
    0: (_inner, _of_array, _over_entries, _over_entries, _over_steps, _over_pairs),
    1: (_applied, _applied, _applied, _matrix_applied, _softmax, _joined, _diagonal, _over_steps, _along, _row),
    2: (_outer, _square, _matrix_product, _transposed, _cube_applied),
}
