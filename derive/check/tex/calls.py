r"""Functions at their arguments: `\tanh(a)`, `\sigma'(a_t)`, `\operatorname{softmax}_s(e)`, `\log p`, `1_{i=y}`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from derive.check.tex import nodes
from derive.check.tex.lexicon import Lexicon, Symbol, symbol_of
from derive.check.tex.nodes import Node
from derive.check.tex.slopes import functions_of, has_slope, slope, takes
from derive.check.tex.symbols import Symbols
from derive.check.tex.tokens import Unreadable
from derive.check.tex.value import Shape, Value
from derive.functions import TABLE

Evaluate = Callable[[Node], Value]
_OVER = frozenset("sum mean max logsumexp softmax logsoftmax".split())
_SCALAR = frozenset("dot norm2 sum mean max logsumexp".split())
_GENERIC = ("f", "g", r"\phi", r"\varphi", r"\psi", r"\sigma", "s", "act")


class Calls:
    """The reader of functions.

    Args:
        symbols: the reader of symbols.
        evaluate: the reader of formulas.
    """

    def __init__(self, symbols: Symbols, evaluate: Evaluate) -> None:
        """A reader for one file."""
        self.symbols, self.evaluate = symbols, evaluate
        self.lexicon: Lexicon = symbols.lexicon
        self.compose = symbols.compose

    def call(self, factors: Sequence[Node]) -> tuple[Value, int] | None:
        """The function that the first factors are, and how many they are; None where the first is no function."""
        symbol = symbol_of(factors[0])
        if symbol is None:
            return None
        rest = factors[1:]
        name = self.lexicon.function(symbol)
        generic = (
            name is None and symbol.base in _GENERIC and self._opens(rest) and not self.lexicon.is_known(symbol.base)
        )
        if name is None and not generic:
            return None
        if symbol.base not in _WORDS and not self._opens(rest) and len(symbol.base) == 1:
            return None
        if not rest:
            raise Unreadable(f"{self.symbols.text(factors[0])} has no argument", factors[0].start, factors[0].end)
        arguments, group = self._arguments(rest)
        if group is None and len(rest) > 1:
            where = rest[0]
            raise Unreadable("where does the argument end?", where.start, rest[-1].end, "put it in brackets")
        start, end = factors[0].start, rest[0].end
        if symbol.base == r"\sigma" and symbol.primes and name == "sigmoid" and not takes(self.lexicon.system, name):
            raise Unreadable(
                f"is {self.symbols.text(symbol.node)} the derivative of the sigmoid, which the model does not have?",
                symbol.node.start,
                symbol.node.end,
                "write f' for the derivative of the function that the model takes here",
            )
        if name is None:
            name = self._generic(symbol, arguments)
        value = self._applied(name, symbol, arguments, start, end)
        if isinstance(group, nodes.Scripted):
            value = self.scripted(value, group.below, group.above, group)
        return value, 2

    def _opens(self, rest: Sequence[Node]) -> bool:
        return bool(rest) and self._group(rest[0]) is not None

    def _group(self, node: Node) -> nodes.Group | None:
        base = node.base if isinstance(node, nodes.Scripted) else node
        return base if isinstance(base, nodes.Group) and base.kind in ("(", "[", r"\{", "") else None

    def _arguments(self, rest: Sequence[Node]) -> tuple[tuple[Node, ...], Node | None]:
        group = self._group(rest[0])
        return ((rest[0],), None) if group is None else (group.items, rest[0])

    def _generic(self, symbol: Symbol, arguments: Sequence[Node]) -> str:
        """Which function an `f` is: the one that the model takes of that variable."""
        text = self.symbols.text(symbol.node)
        of = symbol_of(arguments[0])
        variable = self.symbols.variable(of) if of is not None else None
        found = functions_of(self.lexicon.system, variable.name) if variable is not None else []
        if len(found) == 1:
            return found[0]
        candidates = found or sorted(self._all_functions())
        raise Unreadable(
            f"which function is {text}? the model has {', '.join(candidates) or 'none'}",
            symbol.node.start,
            symbol.node.end,
        )

    def _all_functions(self) -> set[str]:
        return {name for variable in self.lexicon.variables for name in functions_of(self.lexicon.system, variable)}

    def _applied(self, name: str, symbol: Symbol, arguments: Sequence[Node], start: int, end: int) -> Value:
        if name in ("max", "min") and len(arguments) == 2:
            name = {"max": "maximum", "min": "minimum"}[name]
        if name == "onehot":
            return self.onehot(arguments[0], start, end)
        if name == "eye":
            size = self.symbols.subscripts.index(arguments[0])
            text = ast.unparse(size)
            return self.compose.call("eye", [size], (text, text), start, end)
        values = [self.evaluate(argument) for argument in arguments]
        if symbol.primes:
            if symbol.primes > 1 or len(values) != 1 or not has_slope(name):
                raise Unreadable("this derivative is not understood", start, end)
            value = self.compose.made(slope(name, values[0].node), values[0].shape, start, end, values[0].row)
        else:
            spans = self._spans(name, symbol)
            shape = _shape(name, values, bool(spans))
            value = self.compose.call(name, [*(v.node for v in values), *spans], shape, start, end)
        for part in symbol.above if not symbol.below else ():
            value = self.symbols.powered(value, part, False, symbol.node)
        return value

    def onehot(self, argument: Node, start: int, end: int) -> Value:
        """The one-hot vector of a label."""
        symbol = symbol_of(argument)
        if symbol is None:
            raise Unreadable("onehot is of a label", argument.start, argument.end)
        node = self.symbols.subscripts.integer(symbol)
        base = node.value if isinstance(node, ast.Subscript) else node
        shape = self.lexicon.shape(base.id) if isinstance(base, ast.Name) else None
        return self.compose.call("onehot", [node], shape, start, end)

    def _spans(self, name: str, symbol: Symbol) -> list[ast.expr]:
        r"""The indices below a function's name, `\max_{i}`."""
        if not symbol.below:
            return []
        if name not in _OVER:
            raise Unreadable(f"{name} takes no index below", symbol.node.start, symbol.node.end)
        above = symbol.above
        return [self.span(part, above) for part in symbol.below]

    def span(self, below: Node, above: Sequence[Node], ordered: bool = False) -> ast.expr:
        r"""An index with its range: `t`, `t=1` with an end above, `1 \le t \le T`.

        Over the whole of its range the index stands alone; features count from 0 in the language, from 1 on paper.
        """
        subscripts = self.symbols.subscripts
        if not isinstance(below, nodes.Relation):
            return subscripts.index(below)
        first: ast.expr | None = None
        last: ast.expr | None = None
        match below.signs, below.sides:
            case ("=",), (index, start) if above:
                first, last = subscripts.index(start), subscripts.index(above[0])
            case ((r"\le" | "<") as one, (r"\le" | "<") as two), (start, index, end):
                first, last = subscripts.index(start), subscripts.index(end)
                first = _moved(first, 1) if one == "<" else first
                last = _moved(last, -1) if two == "<" else last
            case _:
                raise Unreadable(
                    "the range of this index is not understood", below.start, below.end, "write t=1 below, T above"
                )
        name = subscripts.index(index)
        ends = ast.unparse(first), ast.unparse(last)
        sizes = [*self.lexicon.sizes]
        if any(size in ends[1] for size in sizes):
            if ends in {*((("1"), size) for size in sizes), *((("0"), f"{size} - 1") for size in sizes)}:
                return name
            raise Unreadable("a part of a feature axis is not read as the range of a sum", below.start, below.end)
        if ends[0] == "1" and ends[1] in self.lexicon.sequences and isinstance(name, ast.Name) and not ordered:
            if self.lexicon.is_step(name.id):
                return name
        if ends[1] == "1" and ends[0] in self.lexicon.sequences and not ordered:
            first, last = last, first
        return subscripts.places.mark(ast.Tuple([name, first, last], ast.Load()), below.start, below.end)

    def indicator(self, relation: Sequence[Node], start: int, end: int) -> Value:
        r"""`1_{i=y^{(t)}}`, `1_{i,y^{(t)}}`: an entry of a one-hot vector, or a condition; `1_{y^{(t)}}`: all of it."""
        sides: Sequence[Node] = relation
        sign = "="
        if len(relation) == 1 and (bare := symbol_of(relation[0])) and self._is_of_label(bare):
            return self.onehot(relation[0], start, end)
        if len(relation) == 1 and isinstance(relation[0], nodes.Relation):
            sides, (sign, *_) = relation[0].sides, relation[0].signs
        if len(sides) != 2:
            raise Unreadable("what is equal here?", start, end, "write i = y^{(t)}")
        compared = [self._side(side) for side in sides]
        pair = [node for node, _ in compared]
        shape = compared[0][1] or compared[1][1]
        for label, other in (pair, pair[::-1]):
            base = label.value if isinstance(label, ast.Subscript) else label
            if sign == "=" and isinstance(base, ast.Name) and self._is_label(base.id) and not self._is_data(other):
                made = ast.Subscript(ast.Call(ast.Name("onehot", ast.Load()), [label], []), other, ast.Load())
                return self.compose.made(made, (), start, end)
        condition = ast.Compare(pair[0], [COMPARISONS[sign]], [pair[1]])
        where = [condition, ast.Constant(1), ast.Constant(0)]
        return self.compose.call("where", where, shape, start, end)

    def _side(self, node: Node) -> tuple[ast.expr, Shape]:
        """One side of a comparison: a step, an index or a label, else a value."""
        try:
            return self.symbols.subscripts.index(node), ()
        except Unreadable:
            value = self.evaluate(node)
            return value.node, value.shape

    def _is_label(self, name: str) -> bool:
        variable = self.lexicon.variables.get(name)
        if variable is None or not variable.role.is_integer:
            return False
        return str(variable.classes) not in self.lexicon.sequences

    def _is_of_label(self, symbol: Symbol) -> bool:
        """Whether a symbol is data of whole numbers, whatever its subscripts."""
        named = (self.lexicon.named(symbol, count) for count in range(len(symbol.below) + 1))
        return any(self.lexicon.is_integer(name) for name in named if name)

    def _is_data(self, node: ast.expr) -> bool:
        base = node.value if isinstance(node, ast.Subscript) else node
        return isinstance(base, ast.Name) and self.lexicon.is_integer(base.id)

    def scripted(self, value: Value, below: Sequence[Node], above: Sequence[Node], node: Node) -> Value:
        """A value with entries, a transpose or a power."""
        rank = 4 if value.shape is None else len(value.shape)
        scripts = self.symbols.subscripts.distributed(below, above, 0, rank, node)
        if scripts.entries:
            value = self.symbols.entries(value, scripts.entries, node)
        return self.symbols.finished(value, scripts, node)


_WORDS = frozenset(TABLE) | frozenset(
    "softmax logsoftmax logsumexp diag sum mean max min onehot ReLU sgn concat".split()
)
COMPARISONS: dict[str, ast.cmpop] = {
    "=": ast.Eq(), "<": ast.Lt(), ">": ast.Gt(), r"\le": ast.LtE(), r"\ge": ast.GtE(), r"\ne": ast.NotEq(),
}  # fmt: skip


def _shape(name: str, values: Sequence[Value], spans: bool) -> Shape:
    first = values[0].shape
    if name == "diag":
        return (*first, *first) if first is not None else None
    if name == "outer":
        shapes = [value.shape or () for value in values]
        return None if any(value.shape is None for value in values) else tuple(size for s in shapes for size in s)
    if name == "concat":
        return ("+".join((value.shape or ("1",))[0] for value in values),)
    if name in _SCALAR and not (spans and name != "dot"):
        return ()
    return next((value.shape for value in values if value.shape), first)


def _moved(node: ast.expr, by: int) -> ast.expr:
    return ast.copy_location(
        ast.BinOp(node, ast.Add() if by > 0 else ast.Sub(), ast.copy_location(ast.Constant(abs(by)), node)), node
    )
