"""Formulas -> values: one small rule for each thing that can stand in a formula."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from derive.check.tex import nodes
from derive.check.tex.calls import COMPARISONS, Calls
from derive.check.tex.lexicon import symbol_of
from derive.check.tex.nodes import Node, flat
from derive.check.tex.symbols import Symbols
from derive.check.tex.tokens import Unreadable
from derive.check.tex.value import Value

_OPERATORS = (r"\nabla", r"\partial")


class Formulas:
    """The reader of formulas.

    Args:
        symbols: the reader of symbols.
    """

    def __init__(self, symbols: Symbols) -> None:
        """A reader for one file."""
        self.symbols = symbols
        self.compose = symbols.compose
        self.calls = Calls(symbols, self.value)
        symbols.evaluate = self.value

    def value(self, node: Node) -> Value:
        """A formula as a value.

        Raises:
            Unreadable: with the place that is not understood.
        """
        match node:
            case nodes.Number(text=text):
                number = float(text) if "." in text else int(text)
                return self.compose.made(ast.Constant(number), (), node.start, node.end)
            case nodes.Sum(terms=terms):
                return self._sum(terms)
            case nodes.Term():
                return self._term(node)
            case nodes.Product(factors=factors):
                return self._product(factors)
            case nodes.Big():
                return self._big(node)
            case nodes.Fraction():
                return self._fraction(node)
            case nodes.Accent(name="brace", of=of):
                return self.value(of)
            case nodes.Root(of=of):
                inner = self.value(of)
                return self.compose.call("sqrt", [inner.node], inner.shape, node.start, node.end)
            case nodes.Cases():
                return self._cases(node)
            case nodes.Group(kind="") if self._is_word(node):
                return self._symbol(node)
            case nodes.Group():
                return self._group(node)
            case nodes.Scripted(base=nodes.Number(text="1"), below=below) if below:
                return self.calls.indicator(below, node.start, node.end)
            case nodes.Scripted() if symbol_of(node) is None:
                return self._scripted(node)
        if isinstance(node, nodes.Dots):
            raise Unreadable(
                "what the dots stand for is not read", node.start, node.end, r"write a sum: \sum_{t=1}^{\tau}"
            )
        return self._symbol(node)

    def _is_word(self, node: Node) -> bool:
        r"""Whether the letters in braces are a name of the model's, `\mathbf{score}`."""
        symbol = symbol_of(node)
        return symbol is not None and self.symbols.lexicon.named(symbol, len(symbol.below)) is not None

    def _symbol(self, node: Node) -> Value:
        symbol = symbol_of(node)
        if symbol is None:
            raise Unreadable("this is not understood", node.start, node.end)
        value = self.symbols.value(symbol)
        if value is not None:
            return value
        if symbol.base == "e" and symbol.above and not symbol.below:
            exponent = self.value(symbol.above[0])
            return self.compose.call("exp", [exponent.node], exponent.shape, node.start, node.end)
        if symbol.base == "e" and len(symbol.below) == 1:
            return self.calls.onehot(symbol.below[0], node.start, node.end)
        if symbol.base == r"\delta" and len(symbol.below) == 2 and not (symbol.above or symbol.accent):
            return self.calls.indicator(symbol.below, node.start, node.end)  # Kronecker's
        if symbol.base == "I" and len(symbol.below) <= 1 and not symbol.accent:
            return self._identity(symbol.below, node)
        raise self.symbols.lexicon.question(symbol, self.symbols.text(node))

    def _sum(self, terms: Sequence[tuple[str, Node]]) -> Value:
        """Terms; an identity without its size has that of its neighbour."""
        open_ends = [flat(term) == "I" and not self.symbols.lexicon.is_known("I") for _, term in terms]
        found = {n: self.value(term) for n, (_, term) in enumerate(terms) if not open_ends[n]}
        square = next((v.shape for v in found.values() if v.rank == 2), None)
        for n, (_, term) in enumerate(terms):
            if open_ends[n] and square is not None:
                size = ast.parse(square[0], mode="eval").body
                found[n] = self.compose.call("eye", [size], square, term.start, term.end)
            elif open_ends[n]:
                found[n] = self.value(term)
        return self.compose.added([(sign, found[n]) for n, (sign, _) in enumerate(terms)])

    def _identity(self, below: Sequence[Node], node: Node) -> Value:
        if not below:
            raise Unreadable("of which size is the identity?", node.start, node.end, r"write \mathbf{I}_{n}")
        size = self.symbols.subscripts.index(below[0])
        text = ast.unparse(size)
        return self.compose.call("eye", [size], (text, text), node.start, node.end)

    def _group(self, node: nodes.Group) -> Value:
        if len(node.items) != 1:
            raise Unreadable("a list has no value here", node.start, node.end)
        inner = node.items[0]
        if node.kind == "[" and isinstance(inner, nodes.Relation):
            return self.calls.indicator((inner,), node.start, node.end)
        value = self.value(inner)
        if node.kind in (r"\lvert", r"\lVert"):
            name = "abs" if node.kind == r"\lvert" else "norm2"
            shape = value.shape if name == "abs" else ()
            return self.compose.call(name, [value.node], shape, node.start, node.end)
        return Value(value.node, value.shape, node.start, node.end, value.row)

    def _scripted(self, node: nodes.Scripted) -> Value:
        base, below = node.base, node.below
        if isinstance(base, nodes.Group) and base.kind == r"\lVert":
            below = ()  # the norm's 2
        if isinstance(base, nodes.Number) and base.text == "1":
            raise Unreadable("a vector of ones has no size here", node.start, node.end, "write sum(v)")
        if node.primes:
            raise Unreadable("a prime stands behind a function's name only", node.start, node.end)
        return self.calls.scripted(self.value(base), below, node.above, node)

    def _term(self, node: nodes.Term) -> Value:
        """Products between signs of operations, from left to right."""
        factors, signs = list(node.factors), list(node.signs)
        while signs and signs[0][0] == "OVER" and (made := self._slashed(factors[0], factors[1])):
            factors[:2], signs[:1] = [made], []
            if isinstance(made, nodes.Product) and not signs:
                return self.value(made)
        total = self.value(factors[0])
        for (kind, sign), factor in zip(signs, factors[1:], strict=True):
            right = self.value(factor)
            match kind:
                case "ELEMENTWISE":
                    total = self._elementwise(total, right, factors, factor)
                case "OUTER":
                    total = self.compose.outer(total, right)
                case "OVER":
                    total = self.compose.binary(total, ast.Div(), right, total.shape or right.shape, total.row)
                case _:
                    total = self.compose.times(total, right, sign)
        return total

    def _elementwise(self, left: Value, right: Value, factors: Sequence[Node], factor: Node) -> Value:
        r"""Side by side binds more tightly than `\odot`, except where only the other reading has a shape."""
        if left.rank in (0, None) or right.rank in (0, None) or left.rank == right.rank or len(factors) != 2:
            return self.compose.elementwise(left, right)
        before = factors[0].factors if isinstance(factors[0], nodes.Product) else (factors[0],)
        after = factor.factors if isinstance(factor, nodes.Product) else (factor,)
        try:
            inner = self.compose.elementwise(self._product(before[-1:]), self._product(after[:1]))
            one, two = self._product(before[-1:]), self._product(after[:1])
            if one.rank != two.rank or len(before) + len(after) == 2:
                return self.compose.elementwise(left, right)
            total = self.compose.beside(self._product(before[:-1]), inner) if before[:-1] else inner
            return self.compose.beside(total, self._product(after[1:])) if after[1:] else total
        except Unreadable:
            return self.compose.elementwise(left, right)

    def _slashed(self, above: Node, below: Node) -> Node | None:
        r"""`\partial L / \partial W` as a fraction, what follows it beside."""
        first = above.factors if isinstance(above, nodes.Product) else (above,)
        second = below.factors if isinstance(below, nodes.Product) else (below,)
        if len(first) < 2 or len(second) < 2 or not (_is_operator(first[-2]) and _is_operator(second[0])):
            return None
        one = nodes.Product(first[-2].start, first[-1].end, tuple(first[-2:]))
        two = nodes.Product(second[0].start, second[1].end, tuple(second[:2]))
        made = nodes.Fraction(one.start, two.end, one, two)
        return nodes.Product(first[0].start, second[-1].end, (*first[:-2], made, *second[2:]))

    def _product(self, factors: Sequence[Node]) -> Value:
        """Factors side by side; a function takes the one behind it, a nabla what it is of."""
        values: list[Value] = []
        at = 0
        while at < len(factors):
            value, used = self._factor(factors[at:])
            values.append(value)
            at += used
        total = values[0]
        for value in values[1:]:
            total = self.compose.beside(total, value)
        return total

    def _factor(self, rest: Sequence[Node]) -> tuple[Value, int]:
        first = rest[0]
        base = first.base if isinstance(first, nodes.Scripted) else first
        if isinstance(base, nodes.Letter) and base.text in _OPERATORS:
            return self._nabla(rest)
        if isinstance(first, nodes.Fraction) and _is_operator(first.above) and len(rest) > 1:
            by = self._by(first.below)
            if by is not None:
                return self.symbols.derivative(rest[1], by, first.start, rest[1].end, nabla=False), 2
        if isinstance(base, nodes.Number) and base.text == "1" and len(rest) > 1 and base is first:
            group = rest[1]
            if isinstance(group, nodes.Group) and any(isinstance(item, nodes.Relation) for item in group.items):
                return self.calls.indicator(group.items, first.start, group.end), 2
        called = self.calls.call(rest)
        return called if called is not None else (self.value(first), 1)

    def _nabla(self, rest: Sequence[Node]) -> tuple[Value, int]:
        first = rest[0]
        if not isinstance(first, nodes.Scripted) or len(first.below) != 1 or first.above or len(rest) < 2:
            raise Unreadable(
                "a gradient names what it is of and what it is by", first.start, first.end, r"write \nabla_{h^{(t)}} L"
            )
        return self.symbols.derivative(rest[1], first.below[0], first.start, rest[1].end, nabla=True), 2

    def _by(self, below: Node) -> Node | None:
        match below:
            case nodes.Product(factors=(operator, by)) if _is_operator(operator):
                return by
        return None

    def _fraction(self, node: nodes.Fraction) -> Value:
        match node.above, node.below:
            case nodes.Product(factors=(one, of)), nodes.Product(factors=(two, by)) if _same_operator(one, two):
                return self.symbols.derivative(of, by, node.start, node.end, nabla=False)
        above, below = self.value(node.above), self.value(node.below)
        made = self.compose.binary(above, ast.Div(), below, above.shape or below.shape, above.row)
        return Value(made.node, made.shape, node.start, node.end, made.row)

    def _big(self, node: nodes.Big) -> Value:
        """A sum, or an ordered product; of a product the range may run downwards."""
        if not node.below:
            raise Unreadable("over which index?", node.start, node.body.start, r"write \sum_{t}")
        name = "sum" if node.kind == r"\sum" else "prod"
        spans = [self.calls.span(part, node.above, ordered=name == "prod") for part in node.below]
        # A letter with a range is a step in the body: h_k^2 is a square.
        ranged = [
            span.elts[0].id for span in spans if isinstance(span, ast.Tuple) and isinstance(span.elts[0], ast.Name)
        ]
        bound = self.symbols.lexicon.bound
        bound += ranged
        try:
            body = self.value(node.body)
        finally:
            del bound[len(bound) - len(ranged) :]
        return self.compose.call(name, [body.node, *spans], body.shape, node.start, node.end)

    def _cases(self, node: nodes.Cases) -> Value:
        """A choice; what stands in no row is 0."""
        *rows, last = node.rows
        if last[1] is not None:
            rows, otherwise = [*rows, last], self.compose.made(ast.Constant(0), (), node.end, node.end)
        else:
            otherwise = self.value(last[0])
        for value, condition in reversed(rows):
            if not isinstance(condition, nodes.Relation):
                raise Unreadable("a row of cases without a condition", value.start, value.end)
            then = self.value(value)
            shape = then.shape or otherwise.shape
            where = [self.condition(condition), then.node, otherwise.node]
            otherwise = self.compose.call("where", where, shape, node.start, node.end)
        return otherwise

    def condition(self, relation: nodes.Relation) -> ast.Compare:
        """A comparison of steps, or of values."""
        if len(relation.sides) != len(relation.signs) + 1:
            raise Unreadable("a condition with nothing before its sign", relation.start, relation.end, "write t = 1")
        sides = []
        for side in relation.sides:
            try:
                sides.append(self.symbols.subscripts.index(side))
            except Unreadable:
                sides.append(self.value(side).node)
        for sign in relation.signs:
            if sign not in COMPARISONS:
                raise Unreadable(f"{sign} is no comparison of steps", relation.start, relation.end)
        made = ast.Compare(sides[0], [COMPARISONS[sign] for sign in relation.signs], sides[1:])
        return self.symbols.subscripts.places.mark(made, relation.start, relation.end)


def _is_operator(node: Node) -> bool:
    return isinstance(node, nodes.Letter) and node.text == r"\partial"


def _same_operator(one: Node, two: Node) -> bool:
    return (
        isinstance(one, nodes.Letter) and isinstance(two, nodes.Letter) and one.text == two.text in (r"\partial", "d")
    )
