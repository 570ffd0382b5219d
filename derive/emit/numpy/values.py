"""The values of a Program as NumPy expressions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import sympy

from derive.affine import at_least, plain
from derive.emit.numpy.names import Names
from derive.emit.numpy.products import contraction
from derive.emit.numpy.spelling import ATOM, COMPARE, POWER, PRODUCT, SUM, UNARY, Spelled, axes_of, count, number
from derive.expressions import Index
from derive.functions import TABLE
from derive.program import Apply, Contract, Count, Gather, Point, Reduce, Scalar, Span, Value, View, spans
from derive.system import Reduction

_COMPARISONS = ("less", "less_equal", "equal", "same_window")


class Values:
    """Spells values; collects the helper functions that they call."""

    def __init__(self, names: Names, flat: bool = True) -> None:
        """A speller; `flat` says whether contractions over several axes are reshaped into one matrix product."""
        self.names, self.flat = names, flat
        self.helpers: set[str] = set()
        self.lengths: dict[Index, str] = {}
        self._scalars: dict[sympy.Expr, Spelled] = {}
        self._compared = False  # what is compared directly needs no dtype: it only gives truth values

    def size(self, expression: sympy.Expr) -> str:
        """A whole number made of sizes and loop indices."""
        return self.scalar(expression, whole=True).text

    def _count(self, part: Count | Span) -> None:
        """Note how many entries there are along an index: none where a sequence is too short for them."""
        length = part.length if at_least(part.length, sympy.S.Zero) else sympy.Max(0, part.length)
        self.lengths.setdefault(part.index, self.size(length))

    def scalar(self, expression: sympy.Expr, whole: bool = False) -> Spelled:
        """A number made of literals, sizes and loop indices."""
        found = self._scalars.get(expression)
        if found is None:
            found = self._scalars[expression] = self._scalar(expression, whole)
        return found

    def _scalar(self, expression: sympy.Expr, whole: bool) -> Spelled:
        if expression.is_number or expression in (sympy.oo, -sympy.oo):
            return number(expression)
        if expression.is_Symbol:
            name = expression.name
            text = self.names.index(name) if isinstance(expression, Index) else self.names.size[name]
            return Spelled(text, ATOM, weak=True)
        arguments = [self.scalar(a, whole) for a in expression.args]
        if isinstance(expression, sympy.Max | sympy.Min):
            name = "max" if isinstance(expression, sympy.Max) else "min"
            return Spelled(f"{name}({', '.join(sorted(a.text for a in arguments))})", ATOM, weak=True)
        if isinstance(expression, sympy.Pow):
            return _power(expression, arguments)
        if isinstance(expression, sympy.Add):
            constants = [a for a in arguments if a.text.lstrip("-").isdigit()]
            return _add([*sorted((a for a in arguments if a not in constants), key=_sum_key), *constants])
        if isinstance(expression, sympy.Mul):
            return _multiply(arguments)
        assert isinstance(expression, sympy.Function), f"no rule to spell {expression!r}"
        return self._function(expression.func.__name__, arguments, ())

    def spell(self, value: Value, dims: tuple[Index, ...]) -> Spelled:
        """A value; its axes are in the order of `dims` where it is not a view."""
        if isinstance(value, View):
            return self.view(value)
        if isinstance(value, Scalar):
            return self.scalar(value.value)
        if isinstance(value, Count):
            stop = plain(value.first + value.length)
            self._count(value)
            first = count(self.size(value.first))
            kind = "" if self._compared else f", dtype={self.names.local['dtype']}"
            return Spelled(f"np.arange({first + ', ' if first else ''}{self.size(stop)}{kind})", ATOM, (value.index,))
        if isinstance(value, Contract):
            left, right = self.spell(value.left, _order(value, dims)), self.spell(value.right, _order(value, dims))
            return contraction(self._real(left), self._real(right), value.over, value.dims, self.lengths, self.flat)
        if isinstance(value, Reduce):
            return self._reduce(value, dims)
        return self._apply(value, dims)

    def owned(self, value: Value, dims: tuple[Index, ...]) -> str:
        """A value as an array that no other name holds."""
        spelled = axes_of(self._real(self.spell(value, dims)), dims)
        is_new = not isinstance(value, View) or any(isinstance(s, Gather) for s in value.subscripts)
        return spelled.text if is_new else f"{spelled.within(ATOM)}.copy()"

    def _real(self, value: Spelled) -> Spelled:
        if not value.boolean:
            return value
        if not value.dims:  # what compares sizes alone is Python's
            return Spelled(f"np.array({value.text}, {self.names.local['dtype']})", ATOM)
        return Spelled(f"{value.within(ATOM)}.astype({self.names.local['dtype']})", ATOM, value.dims)

    def _apply(self, value: Apply, dims: tuple[Index, ...]) -> Spelled:
        order = (*dims, *(i for i in value.dims if i not in dims))
        full = tuple(i for i in order if i in value.dims)
        around, self._compared = self._compared, value.function in _COMPARISONS
        arguments = [self._aligned(a, order, full) for a in value.arguments]
        self._compared = around
        if value.function == "pow":
            result = _power(None, [self._real(a) for a in arguments])
        elif value.function == "add":
            result = _add([self._real(a) for a in sorted(arguments, key=_sum_key)])
        elif value.function == "mul":
            arguments = sorted(arguments, key=_product_key)
            if all(a.boolean or a.weak or a.inverted for a in arguments):
                arguments = [self._real(a) for a in arguments]
            result = _multiply(arguments)
        else:
            result = self._function(value.function, arguments, full)
        return replace(result, dims=full if len(full) == len(value.dims) else value.dims)

    def _aligned(self, value: Value, order: tuple[Index, ...], full: tuple[Index, ...]) -> Spelled:
        """A value with the axes of the whole; what only scales another is put around it afterwards."""
        if isinstance(value, Apply) and value.function == "mul":
            inner = [a for a in value.arguments if not isinstance(a, Scalar)]
            if len(inner) == 1 and isinstance(inner[0], View):
                scales = [self.spell(a, order) for a in value.arguments if isinstance(a, Scalar)]
                view = axes_of(self.spell(inner[0], order), full)
                return replace(_multiply([*scales, view]), dims=view.dims)
        return axes_of(self.spell(value, order), full)

    def _function(self, name: str, arguments: Sequence[Spelled], dims: tuple[Index, ...]) -> Spelled:
        row = TABLE[name].row
        if name == "where":
            condition = self._condition(arguments[0])
            if dims and [a.text for a in arguments[1:]] == ["1", "0"]:
                return condition  # truth values count as 1 and 0 wherever they meet numbers
            arguments = [condition, *(self._real(a) for a in arguments[1:])]
        elif name in _COMPARISONS:
            # A division binds more tightly than what it divides may.
            texts = [a.within(UNARY if "//" in row.numpy else SUM) for a in arguments]
            return Spelled(row.numpy.format(*texts), COMPARE, dims, boolean=True)
        if name in ("maximum", "minimum") and not dims and all(a.weak for a in arguments):
            return Spelled(f"{name[:3]}({', '.join(a.text for a in arguments)})", ATOM, weak=True)
        form = row.numpy
        self.helpers.update(re.findall(r"\b_[a-z_]+(?=\()", form))
        bare = form.startswith(("np.", "_")) and "/" not in form and "+" not in form
        texts = [
            a.text if bare else a.within(POWER if "**" in form else UNARY)
            for a in (arguments if name == "where" else map(self._real, arguments))
        ]
        text = form.format(*texts)
        if name == "where" and all(a.weak for a in arguments[1:]):
            text += f".astype({self.names.local['dtype']})"
        into = form.startswith("np.") and form.endswith(")") and form.count("(") == 1 and name != "where"
        weak = all(a.weak for a in arguments)
        if weak and not dims and name != "where":
            text = f"float({text})"  # what NumPy makes of Python numbers is of float64, and would spread
        binds = POWER if "**" in form and not weak else ATOM
        return Spelled(text, binds, dims, weak=weak, callable_into=into and not weak)

    @staticmethod
    def _condition(value: Spelled) -> Spelled:
        return value if value.boolean else Spelled(f"{value.within(SUM)} != 0", COMPARE, value.dims, boolean=True)

    def _reduce(self, value: Reduce, dims: tuple[Index, ...]) -> Spelled:
        order = (*_order(value, dims),)
        argument = self._real(self.spell(value.argument, order))
        axes = sorted(argument.dims.index(i) for i in value.over)
        left = tuple(i for i in argument.dims if i not in value.over)
        axis = str(axes[0]) if len(axes) == 1 else f"({', '.join(map(str, axes))})"
        if value.reduction in (Reduction.LOGSUMEXP, Reduction.NORMALISER):
            helper = f"_{value.reduction.value}"
            self.helpers.add(helper)
            return Spelled(f"{helper}({argument.text}, {axis})", ATOM, left)
        if value.reduction is Reduction.CHOICE:
            self.helpers.add("_choice")
            return Spelled(f"_choice({argument.text}, {axis}, rng)", ATOM, left)
        name = "sum" if value.reduction is Reduction.SUM else "max"
        inside = [f"axis={axis}"] if left else []
        if name == "max" and _may_be_empty(value):
            inside.append("initial=-np.inf")
        return Spelled(f"{argument.within(ATOM)}.{name}({', '.join(inside)})", ATOM, left)

    def view(self, view: View) -> Spelled:
        """A part of an array, read."""
        base, entries, dims = self._subscripts(view)
        text = base if not entries else f"{base}[{', '.join(entries)}]"
        return Spelled(text, ATOM, dims, apart=_apart(view))

    def target(self, view: View) -> tuple[str, tuple[Index, ...]]:
        """A part of an array, written to."""
        spelled = self.view(view)
        return spelled.text, spelled.dims

    def places(self, view: View) -> tuple[list[str], tuple[Index, ...]]:
        """The places of a scatter as whole numbers, an array per axis, and the dimensions of what is added there.

        Axes at the end that are whole are left out.
        """
        named, behind = list(view.subscripts), list[Index]()
        while isinstance(last := named[-1], Span) and last.start == 0 and last.length == last.extent:
            if any(last.index in _dims(other) for other in named[:-1]):
                break
            named.pop()
            behind.insert(0, last.index)
        dims = tuple(i for i in view.dims if i not in behind)
        return [axes_of(self._place(s), dims).text for s in named], (*dims, *behind)

    def _place(self, s: Point | Span | Gather) -> Spelled:
        if isinstance(s, Gather):
            return self._entries(s)
        return Spelled(self._range(s) if isinstance(s, Span) else self.subscript(s), ATOM, _dims(s))

    def _subscripts(self, view: View) -> tuple[str, list[str], tuple[Index, ...]]:
        """The array, what stands in its brackets, and the dimensions of the result."""
        name = self.names.variable[view.name]
        spans = [s.index for s in view.subscripts if isinstance(s, Span)]
        for s in view.subscripts:
            if isinstance(s, Span):
                self._count(s)
        gathered = [i for s in view.subscripts if isinstance(s, Gather) for i in s.entries.dims]
        looked = tuple(dict.fromkeys([*gathered, *(i for i in spans if spans.count(i) > 1)]))
        if not looked and not any(isinstance(s, Gather) for s in view.subscripts):
            entries = [self.subscript(s) for s in view.subscripts]
            dims = tuple(s.index for s in view.subscripts if isinstance(s, Span))
            return name, _trimmed(entries), dims
        return self._looked_up(name, view, tuple(sorted(looked, key=view.dims.index)))

    def _looked_up(self, name: str, view: View, looked: tuple[Index, ...]) -> tuple[str, list[str], tuple[Index, ...]]:
        if any(isinstance(s, Point) for s in view.subscripts) and looked:
            fixed = _trimmed([self.subscript(s) if isinstance(s, Point) else ":" for s in view.subscripts])
            name = f"{name}[{', '.join(fixed)}]"
            rest: list[Point | Span | Gather] = [s for s in view.subscripts if not isinstance(s, Point)]
        else:
            rest = list(view.subscripts)
        entries, advanced, dims = [], [], []
        for position, s in enumerate(rest):
            if isinstance(s, Gather):
                entries.append(axes_of(self._entries(s), looked).text)
                advanced.append(position)
            elif isinstance(s, Span) and s.index in looked:
                entries.append(axes_of(Spelled(self._range(s), ATOM, (s.index,)), looked).text)
                advanced.append(position)
            else:
                entries.append(self.subscript(s))
                if isinstance(s, Span):
                    dims.append(s.index)
        together = not advanced or advanced[-1] - advanced[0] + 1 == len(advanced)
        at = sum(1 for position in range(advanced[0]) if position not in advanced) if together and advanced else 0
        return name, _trimmed(entries), (*dims[:at], *looked, *dims[at:])

    def _entries(self, gather: Gather) -> Spelled:
        """The entries that a look-up chooses."""
        entries = self.view(gather.entries)
        if gather.offset == 0:
            return entries
        return replace(_add([entries, self.scalar(gather.offset, whole=True)]), dims=entries.dims)

    def _range(self, span: Span) -> str:
        start, stop = self.size(span.start), self.size(plain(span.start + span.length))
        return f"np.arange({stop})" if start == "0" else f"np.arange({start}, {stop})"

    def subscript(self, s: Point | Span | Gather) -> str:
        """What stands in an array's brackets for one axis."""
        if isinstance(s, Point):
            return self.size(s.value)
        if isinstance(s, Gather):
            return self._entries(s).text
        stop = plain(s.start + s.length)
        last = "" if stop == plain(s.extent) else self.size(stop)
        return f"{count(self.size(s.start))}:{last}"


def _may_be_empty(value: Reduce) -> bool:
    """Whether there may be nothing to reduce, which NumPy must be told the value of."""
    return any(not at_least(s.length, sympy.S.One) for s in spans(value.argument) if s.index in value.over)


def _dims(subscript: Point | Span | Gather) -> tuple[Index, ...]:
    if isinstance(subscript, Gather):
        return subscript.entries.dims
    return (subscript.index,) if isinstance(subscript, Span) else ()


def _apart(view: View) -> tuple[Index, ...]:
    """The dimensions of a slice behind which another does not follow at once in memory."""
    if any(isinstance(s, Gather) for s in view.subscripts):
        return ()  # what is looked up is an array of its own
    pairs = zip(view.subscripts, view.subscripts[1:], strict=False)
    return tuple(
        s.index
        for s, after in pairs
        if isinstance(s, Span) and not (isinstance(after, Span) and after.start == 0 and after.length == after.extent)
    )


def _trimmed(entries: list[str]) -> list[str]:
    while entries and entries[-1] == ":":
        entries = entries[:-1]
    return entries


def _order(value: Contract | Reduce, dims: tuple[Index, ...]) -> tuple[Index, ...]:
    return (*dims, *(i for i in (*value.dims, *value.over) if i not in dims))


def _sum_key(value: Spelled) -> tuple[bool, int, str]:
    return value.negated, len(value.dims) == 0 and not value.text[0].isdigit(), value.text


def _product_key(value: Spelled) -> tuple[bool, bool, bool, str]:
    # Truth values come last: NumPy has no minus before them.
    return not value.weak, value.boolean, value.binds > ATOM, value.text


def _add(terms: Sequence[Spelled]) -> Spelled:
    text = terms[0].within(PRODUCT)
    for term in terms[1:]:
        text += f" - {term.text[1:]}" if term.negated else f" + {term.within(PRODUCT)}"
    return Spelled(text, SUM, weak=all(t.weak for t in terms))


def _multiply(parts: Sequence[Spelled]) -> Spelled:
    negative = [p for p in parts if p.text == "-1"]
    rest = [p for p in parts if p.text != "-1"] or [Spelled("1", ATOM, weak=True)]
    below = [p for p in rest if p.inverted]
    above = [p for p in rest if not p.inverted]
    weak = all(p.weak for p in parts)
    text = " * ".join(p.within(PRODUCT if n == 0 else POWER) for n, p in enumerate(above)) or "1"
    for p in below:
        text += f" / {p.text[4:]}"
    if len(negative) % 2:
        return Spelled(f"-{text}" if not text.startswith("-") else f"-({text})", UNARY, weak=weak)
    single = len(above) == 1 and not below
    return Spelled(text, above[0].binds if single else PRODUCT, weak=weak)


def _power(expression: sympy.Expr | None, arguments: Sequence[Spelled]) -> Spelled:
    base, exponent = arguments
    weak = base.weak and exponent.weak
    if exponent.text == "-1":
        return Spelled(f"1 / {base.within(POWER)}", PRODUCT, weak=weak)
    if exponent.text == "0.5" and not weak:  # NumPy's root of a Python number would not be weak
        return Spelled(f"np.sqrt({base.text})", ATOM, weak=weak)
    if exponent.text.startswith("-") and exponent.text[1:].isdigit():
        return Spelled(f"1 / {base.within(ATOM)}**{exponent.text[1:]}", PRODUCT, weak=weak)
    return Spelled(f"{base.within(ATOM)}**{exponent.within(ATOM)}", POWER, weak=weak)
