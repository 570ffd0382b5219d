"""Where an expression stands: the indices in scope, the helper's locals, and what one equation makes on its way."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sympy

from derive.errors import DeriveError
from derive.expressions import Axis, AxisKind, Index, Range, Ref, size_symbol
from derive.language import bounds, rules_shapes, rules_text
from derive.language.source import Sink
from derive.language.symbols import Symbols
from derive.language.syntax import Helper
from derive.language.values import OPEN, Value
from derive.system import Equation, Reduction, Role, Variable

UNKNOWN = Axis(size_symbol("?"))  # the axis of an index while its range is still being found


@dataclass(frozen=True)
class Closure:
    """An expression with the place where its names mean something: an argument or a local of a helper."""

    node: ast.expr
    scope: Scope


@dataclass(frozen=True)
class Scope:
    """What names mean at a place, besides the model's own.

    Attributes:
        indices: the index symbols in scope, by name.
        locals: parameters and locals of the helper.
        calls: the helpers that are being expanded, outer first.
        inherited: the indices of the caller, which a helper's own sums may hide.
    """

    indices: Mapping[str, Index] = field(default_factory=dict)
    locals: Mapping[str, Closure] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    inherited: frozenset[str] = frozenset()

    def bind(self, name: str, index: Index) -> Scope:
        """The scope with one more index, which hides a local of its name."""
        rest = {key: value for key, value in self.locals.items() if key != name}
        return replace(self, indices={**self.indices, name: index}, locals=rest, inherited=self.inherited - {name})

    def inside(self, helper: Helper, arguments: Sequence[ast.expr]) -> Scope:
        """The scope inside of a helper that is called here: its parameters and locals hide the model's names."""
        locals_ = {p: Closure(argument, self) for p, argument in zip(helper.parameters, arguments, strict=True)}
        inner = Scope(self.indices, locals_, (*self.calls, helper.node.name), frozenset(self.indices))
        for local, right in helper.locals:
            inner = replace(inner, locals={**inner.locals, local: Closure(right, inner)})
        return inner


@dataclass(frozen=True)
class Read:
    """One reading of a variable: its steps, what they range over, and where it is written."""

    name: str
    steps: tuple[sympy.Expr, ...]
    entries: tuple[sympy.Expr | None, ...]
    node: ast.AST


@dataclass
class Work:
    """What reading one equation needs and makes.

    Attributes:
        symbols: the names of the file.
        sink: where faults go.
        evaluate: the value of an expression, conditions included.
        target: the variable that is being defined.
        left: the text of the left side.
        ranges: the range of each index symbol made so far, in order.
        reads: every reading of a variable.
        variables: generated variables.
        equations: their equations.
        taken: generated names in use.
        vectors_assumed: whether an open operand of `@` is taken for a vector, and an open variable with a subscript for
            each index that its own equation names for a scalar.
        reductions_assumed: whether what is reduced over a named index is taken for a scalar where it is open.
        depth: how deep the expression that is being read is nested, helpers expanded.
    """

    symbols: Symbols
    sink: Sink
    evaluate: Callable[[ast.expr, Scope, Work], Value]
    target: str
    left: str = ""
    ranges: dict[Index, Range] = field(default_factory=dict)
    reads: list[Read] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    equations: list[Equation] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    vectors_assumed: bool = False
    reductions_assumed: bool = False
    depth: int = 0

    @property
    def quiet(self) -> bool:
        """Whether shapes are still being found."""
        return self.sink.quiet

    def any_value(self, node: ast.expr, scope: Scope) -> Value:
        """The value of an expression, which may be a condition."""
        return self.evaluate(node, scope, self)

    def value(self, node: ast.expr, scope: Scope) -> Value:
        """The value of an expression that is not a condition."""
        value = self.evaluate(node, scope, self)
        if value.condition:
            self.sink.report(node, rules_shapes.condition_as_number(self.sink.source.short(node)))
            return OPEN
        return value

    def quietly(self) -> Work:
        """The same place, for a look at a shape that says and makes nothing."""
        sink = Sink(self.sink.source, quiet=True)
        ranges, taken = dict(self.ranges), set(self.taken)
        return replace(self, sink=sink, ranges=ranges, taken=taken, reads=[], variables=[], equations=[])

    def fresh(self, axis: Axis) -> Index:
        """A new index on an axis, with no name of its own yet."""
        return self.index("", axis)

    def index(self, name: str, axis: Axis, first: sympy.Expr | None = None, last: sympy.Expr | None = None) -> Index:
        """A new index; an apostrophe and a number keep it apart until the equation is finished."""
        index = Index(f"{name}'{len(self.ranges)}", axis)
        self.ranges[index] = Range(index, axis.first if first is None else first, axis.last if last is None else last)
        return index

    def unused(self, what: str) -> str:
        """A name `target.what`, with a number where it is taken.

        Raises:
            DeriveError: there are too many.
        """
        self.symbols.work += 0 if self.quiet else bounds.PARTS_A_NAME
        if self.symbols.work > self.symbols.most and not self.quiet:
            defined = self.symbols.defined.get(self.target)
            whole = defined.statements[-1].node if defined is not None else self.sink.source.at(1, 1)
            self.sink.report(whole, rules_text.too_large(self.symbols.most))
            raise DeriveError(self.sink.faults)
        name, count = f"{self.target}.{what}", 1
        while name in self.taken:
            count += 1
            name = f"{self.target}.{what}{count}"
        self.taken.add(name)
        return name

    def free(self, *expressions: sympy.Expr, without: tuple[Index, ...] = ()) -> list[Index]:
        """The indices that expressions use, sequences first, with those that their ranges use."""
        found = {symbol for e in expressions for symbol in e.free_symbols if isinstance(symbol, Index)}
        found -= set(without)
        pending = [*found, *without]
        while pending:
            reach = self.ranges[pending.pop()]
            more = {s for end in (reach.first, reach.last) for s in end.free_symbols if isinstance(s, Index)}
            pending += sorted(more - found - set(without), key=str)
            found |= more - set(without)
        order = {index: number for number, index in enumerate(self.ranges)}
        return sorted(found, key=lambda index: (index.axis.kind is not AxisKind.SEQUENCE, order[index]))

    def reduce(self, what: str, body: sympy.Expr, over: tuple[Index, ...], reduction: Reduction) -> sympy.Expr:
        """A generated variable that reduces `body` over indices, at the indices that stay."""
        kept = self.free(body, without=over)
        name = self.unused(what)
        domain = tuple(self.ranges[index] for index in (*kept, *over))
        self.variables.append(Variable(name, Role.VAR, tuple(index.axis for index in kept)))
        self.equations.append(Equation(name, tuple(kept), body, domain, reduction))
        return Ref(name, *kept)
