r"""Symbols, gradients and Jacobians as values: `h^{(t)}`, `\nabla_{h^{(t)}} L`, `\frac{\partial u}{\partial v}`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from derive.check.tex import nodes
from derive.check.tex.lexicon import Lexicon, Symbol, symbol_of
from derive.check.tex.nodes import Node, flat
from derive.check.tex.own import Own, OwnNames, parted
from derive.check.tex.subscripts import NoSubscript, Scripts, Subscripts, split_above, subscripted
from derive.check.tex.tokens import Unreadable
from derive.check.tex.value import Composer, Shape, Value
from derive.language import bounds
from derive.system import Role


class NoStep(Unreadable):
    """A step at a name that has none: it may be a name of the person's own."""


@dataclass(frozen=True)
class Variable:
    """A variable of the model, or of the person's, at its steps and entries.

    Attributes:
        name: as the language spells it.
        node: its syntax tree.
        shape: the sizes of the axes that are left.
        scripts: the scripts that are neither.
        copy: the step of a parameter, whose copy is used at that step alone.
        own: the person's name that it is.
    """

    name: str
    node: ast.expr
    shape: Shape
    scripts: Scripts
    copy: ast.expr | None = None
    own: Own | None = None


class Symbols:
    """The reader of symbols.

    Args:
        lexicon: the model's names.
        subscripts: the reader of scripts.
        own: the person's names.

    Attributes:
        deltas: whether a delta with a name of the model's is the gradient by it.
    """

    def __init__(self, lexicon: Lexicon, subscripts: Subscripts, own: OwnNames) -> None:
        """A reader for one file."""
        self.lexicon, self.subscripts, self.own = lexicon, subscripts, own
        self.style = subscripts.style
        self.deltas = False
        self.compose = Composer(subscripts.places)
        self.evaluate: Callable[[Node], Value] | None = None  # of exponents; the reader of formulas sets it

    def variable(self, symbol: Symbol, copies: bool = False) -> Variable | None:
        r"""The variable that a symbol is; None where it is no name of the model and none of the person's.

        Args:
            symbol: the symbol.
            copies: whether a parameter may be the copy that one step uses, `\nabla_{W^{(t)}}`.

        Raises:
            Unreadable: it is one, but its scripts do not fit.
        """
        if self.lexicon.is_loss(symbol):
            self.style.name("loss", symbol.letter, ())
            return Variable("loss", self._name("loss", symbol.node), (), Scripts())
        misfit: Unreadable | None = None
        for count in range(len(symbol.below), -1, -1):
            name = self.lexicon.named(symbol, count)
            if name in self.lexicon.sizes:
                return None
            if name is None:
                continue
            try:
                return self._placed(name, symbol, count, copies)
            except Unreadable as error:
                misfit = misfit or error
        own = self._own(symbol)
        if own is None and misfit is not None and not self._is_gradient(symbol):
            raise self.lexicon.question(symbol, self.text(symbol.node)) if isinstance(misfit, NoSubscript) else misfit
        return own

    def _placed(self, name: str, symbol: Symbol, count: int, copies: bool = False) -> Variable:
        shape = self.lexicon.shape(name)
        below, above = symbol.below[count:], symbol.above
        copy: ast.expr | None = None
        if self.lexicon.steps(name) == 0 and self.lexicon.variables[name].role is Role.PARAM:
            above, copy = self._copied(above)
            if copy is not None and not copies:
                raise NoStep(f"{name} is a parameter, the same at every step", symbol.node.start, symbol.node.end)
        scripts = self.subscripts.distributed(below, above, self.lexicon.steps(name), len(shape), symbol.node)
        self.style.name(name, symbol.letter, symbol.below[:count])
        node = self._name(name, symbol.node)
        integer = self.lexicon.is_integer(name)
        node = self.subscripts.at(node, scripts.steps if integer else [*scripts.steps, *scripts.entries], symbol.node)
        if integer:
            return Variable(name, node, shape, scripts)
        return Variable(name, node, _left(shape, scripts.entries), scripts, copy)

    def _copied(self, above: tuple[Node, ...]) -> tuple[tuple[Node, ...], ast.expr | None]:
        r"""The copy of a parameter that a step uses: `W^{(t)}`."""
        parts = tuple(split_above(above))
        for place, part in enumerate(parts):
            if isinstance(part, nodes.Group) and part.kind == "(" and len(part.items) == 1:
                step = self.subscripts.index(part.items[0])
                return (*parts[:place], *parts[place + 1 :]), step
        return parts, None

    def _own(self, symbol: Symbol) -> Variable | None:
        own, below, above = self.parted(symbol)
        if own is None:
            return None
        rank = 4 if own.shape is None else len(own.shape)
        scripts = self.subscripts.distributed(below, above, own.steps, rank, symbol.node)
        node = self.subscripts.at(self._name(own.name, symbol.node), [*scripts.steps, *scripts.entries], symbol.node)
        shape = None if own.shape is None else _left(own.shape, scripts.entries)
        return Variable(own.name, node, shape, scripts, own=own)

    def parted(self, symbol: Symbol) -> tuple[Own | None, tuple[Node, ...], tuple[Node, ...]]:
        r"""The person's name that a symbol is, and the scripts that are no part of it.

        In a model with a gate i, `\delta_i^{(t)}` is a name of its own, if `\delta^{(t)}` is none.
        """
        for is_below in (self.subscripts.is_own_index, self.subscripts.is_index):
            found = parted(symbol, is_below, self.subscripts.is_own_index)
            own = self.own.find(found.key)
            if own is not None:
                return own, found.below, found.above
        return None, (), ()

    def _name(self, name: str, node: Node) -> ast.expr:
        """A name; that of a part that derive made is spelled with a dot."""
        stem, *rest = name.split(".")
        made: ast.expr = self.subscripts.places.mark(ast.Name(stem, ast.Load()), node.start, node.end)
        for part in rest:
            made = self.subscripts.places.mark(ast.Attribute(made, part, ast.Load()), node.start, node.end)
        return made

    def value(self, symbol: Symbol) -> Value | None:
        """A symbol as a value; None where nobody knows it."""
        delta = self.gradient_letter(symbol)
        if delta is not None:
            return delta
        variable = self.variable(symbol)
        if variable is None:
            return self._number(symbol)
        node, start, end = variable.node, symbol.node.start, symbol.node.end
        if self.lexicon.is_integer(variable.name) and variable.own is None:
            self.style.seen["label"] += 1
            value = self.compose.call("onehot", [node], variable.shape, start, end)
            if variable.scripts.entries:
                value = self.entries(value, variable.scripts.entries, symbol.node)
        else:
            value = Value(node, variable.shape, start, end)
        return self.finished(value, variable.scripts, symbol.node)

    def _number(self, symbol: Symbol) -> Value | None:
        """A size, the last step, an index or a constant of mathematics as a number."""
        node = symbol.node
        constant = {r"\infty": "inf", "inf": "inf", r"\pi": "pi"}.get(symbol.base)
        if constant is not None and not symbol.below and not self.lexicon.is_known(symbol.base):
            value = Value(self._name(constant, node), (), node.start, node.end)
            scripts = self.subscripts.distributed((), symbol.above, 0, 0, node)
            return self.finished(value, scripts, node)
        bare = Symbol(node, symbol.letter, symbol.base, symbol.accent, symbol.below, (), 0)
        name = self.lexicon.named(bare, len(bare.below)) or (None if bare.below else self.lexicon.last(bare.base))
        step = symbol.base + "".join(map(flat, symbol.below))
        if name is None and not symbol.accent and (self.lexicon.is_step(step) or (step in "ijk" and not symbol.below)):
            name = step
        if name is None or name in self.lexicon.variables:
            return None
        scripts = self.subscripts.distributed((), symbol.above, 0, 0, node)
        return self.finished(Value(self._name(name, node), (), node.start, node.end), scripts, node)

    def finished(self, value: Value, scripts: Scripts, node: Node) -> Value:
        """A value with the transpose and the power that its scripts say."""
        if scripts.power is not None:
            value = self.powered(value, scripts.power, scripts.circled, node)
        return self.compose.transposed(value, node.end) if scripts.transposed else value

    def powered(self, value: Value, power: Node, circled: bool, node: Node) -> Value:
        """A power, element by element; of a square matrix it must be said."""
        assert self.evaluate is not None
        exponent = self.evaluate(power).node
        if isinstance(exponent, ast.Constant) and float(exponent.value) > bounds.EXPONENT:  # type: ignore[arg-type]
            raise Unreadable(f"an exponent beyond {bounds.EXPONENT}", power.start, power.end)
        if value.rank == 2 and not circled and (value.shape is None or value.shape[0] == value.shape[1]):
            raise Unreadable(
                "a power of a square matrix may be a product with itself, or element by element",
                node.start,
                node.end,
                r"write W W, or W^{\odot 2}",
            )
        made = ast.BinOp(value.node, ast.Pow(), exponent)
        return self.compose.made(made, value.shape, node.start, node.end, value.row)

    def entries(self, value: Value, entries: Sequence[Node], node: Node) -> Value:
        """Entries of a value; those of a gradient are of what it is taken by."""
        indices = [self.subscripts.index(part) for part in entries]
        if value.shape is not None and len(entries) > len(value.shape):
            raise Unreadable("more subscripts than it has axes", entries[0].start, entries[-1].end)
        shape = None if value.shape is None else _left(value.shape, entries)
        match value.node:
            case ast.Call(func=ast.Name(id="grad"), args=[inner], keywords=keywords) if not keywords:
                old = []
                base = inner
                if isinstance(inner, ast.Subscript):
                    base, of = inner.value, inner.slice
                    old = list(of.elts) if isinstance(of, ast.Tuple) else [of]
                moved = self.subscripts.places.mark(subscripted(base, [*old, *indices]), inner_start(value), value.end)
                return self.compose.call("grad", [moved], shape, node.start, node.end)
        return self.compose.made(subscripted(value.node, indices), shape, node.start, node.end)

    def _is_gradient(self, symbol: Symbol) -> bool:
        return self.deltas and symbol.base == r"\delta" and self._differentiated(symbol) is not None

    def gradient_letter(self, symbol: Symbol) -> Value | None:
        r"""The gradient that a delta with a name of the model's is: `\delta_h^{(t)}`, `\delta_t^{h}`.

        This is so in a file that has no other sign for gradients; else a delta is a name of the person's own.
        """
        if not self.deltas or symbol.base != r"\delta" or symbol.accent or symbol.primes or self.parted(symbol)[0]:
            return None
        try:
            known = self.variable(symbol) if self.lexicon.is_known(r"\delta") else None
            if known is not None and known.scripts.power is None:
                return None
        except Unreadable:
            pass
        found = self._differentiated(symbol)
        if found is None:
            return None
        by, below, above = found
        inner = Symbol(symbol.node, by.letter, by.base, by.accent, (*by.below, *below), above, 0)
        variable = self._placed_at(inner, len(by.below))
        if variable is None:
            return None
        self.style.seen["delta"] += 1
        value = self._gradient(variable, symbol.node)
        return self.finished(value, variable.scripts, symbol.node)

    def _placed_at(self, symbol: Symbol, count: int) -> Variable | None:
        if self.lexicon.is_loss(Symbol(symbol.node, symbol.letter, symbol.base, symbol.accent, symbol.below, (), 0)):
            return Variable("loss", self._name("loss", symbol.node), (), Scripts())
        name = self.lexicon.named(symbol, count)
        return None if name is None or name in self.lexicon.sizes else self._placed(name, symbol, count)

    def _differentiated(self, symbol: Symbol) -> tuple[Symbol, tuple[Node, ...], tuple[Node, ...]] | None:
        """The symbol that a delta's script names, with the scripts that are left."""
        for place, part in enumerate(symbol.above):
            by = symbol_of(part)
            if by is not None and not by.above and self._names_variable(by):
                return by, symbol.below, (*symbol.above[:place], *symbol.above[place + 1 :])
        if symbol.below:
            by = symbol_of(symbol.below[0])
            if by is not None and not by.above and self._names_variable(by):
                return by, symbol.below[1:], symbol.above
        return None

    def _names_variable(self, symbol: Symbol) -> bool:
        if self.lexicon.is_loss(symbol):
            return True
        if symbol.base in (r"\top", "T") or self.lexicon.last(symbol.base):
            return False
        name = self.lexicon.named(symbol, len(symbol.below))
        return name in self.lexicon.variables

    def derivative(self, of: Node, by: Node, start: int, end: int, nabla: bool) -> Value:
        """The derivative of a scalar or a vector by a variable.

        Raises:
            Unreadable: one of them is no variable.
        """
        upper, lower = self._variable(of), self._variable(by)
        for variable, node in ((upper, of), (lower, by)):
            if variable.scripts.transposed or variable.scripts.power is not None:
                raise Unreadable("a derivative is of and by a variable itself", node.start, node.end)
        self.style.seen["nabla" if nabla else "partial"] += upper.name == "loss"
        whole = nodes.Letter(start, end, "")
        if upper.name == "loss":
            return self._gradient(lower, whole)
        if upper.shape == ():
            return self._gradient(lower, whole, upper.node)
        if nabla:
            raise Unreadable(
                r"\nabla is of a scalar", of.start, of.end, r"a Jacobian is written \frac{\partial u}{\partial v}"
            )
        shape = None if None in (upper.shape, lower.shape) else (*(upper.shape or ()), *(lower.shape or ()))
        call = ast.Call(ast.Name("jac", ast.Load()), [upper.node, lower.node], [])
        if lower.copy is not None:
            call.keywords.append(ast.keyword("at", lower.copy))
        return self.compose.made(call, shape, start, end)

    def _variable(self, node: Node) -> Variable:
        symbol = symbol_of(node)
        if symbol is None:
            raise Unreadable("a derivative is of and by a variable", node.start, node.end)
        variable = self.variable(symbol, copies=True)
        if variable is None:
            raise self.lexicon.question(symbol, self.text(node))
        return variable

    def _gradient(self, by: Variable, node: Node, of: ast.expr | None = None) -> Value:
        call = ast.Call(ast.Name("grad", ast.Load()), [by.node], [])
        if of is not None:
            call.keywords.append(ast.keyword("of", of))
        if by.copy is not None:
            call.keywords.append(ast.keyword("at", by.copy))
        return self.compose.made(call, by.shape, node.start, node.end)

    def text(self, node: Node) -> str:
        """A node as the person wrote it."""
        written = " ".join(self.subscripts.places.source.text[node.start : node.end].split())
        return written[1:-1] if written[:1] == "{" and written.find("}") == len(written) - 1 else written


def inner_start(value: Value) -> int:
    """Where a value begins."""
    return value.start


def _left(shape: tuple[str, ...], entries: Sequence[Node]) -> tuple[str, ...]:
    """The axes that entries leave: a slice leaves its axis."""
    kept = [_sliced(size, entry) for size, entry in zip(shape, entries, strict=False) if isinstance(entry, nodes.Part)]
    return (*kept, *shape[len(entries) :])


def _sliced(size: str, part: nodes.Part) -> str:
    if part.first is None and part.last is None:
        return size
    return f"{'' if part.first is None else flat(part.first)}:{size if part.last is None else flat(part.last)}"
