"""Single operations of a Program as calls of NumPy that write into an array which is there."""

from __future__ import annotations

import re
from dataclasses import replace

import sympy

from derive.affine import at_least, split
from derive.emit.numpy.arrays import Arrays
from derive.emit.numpy.names import Names
from derive.emit.numpy.products import product
from derive.emit.numpy.shapes import group
from derive.emit.numpy.spelling import ATOM, Spelled, axes_of
from derive.emit.numpy.values import Values
from derive.expressions import AxisKind, Index
from derive.functions import TABLE
from derive.program import Apply, Assign, Contract, Count, Gather, Loop, Point, Reduce, Scalar, Span, Value, View
from derive.schedule.operations import MINUS, is_copied, is_leaf
from derive.system import Reduction, Variable

_UFUNCS = {
    "add": "np.add",
    "subtract": "np.subtract",
    "mul": "np.multiply",
    "divide": "np.divide",
    "negative": "np.negative",
    "square": "np.square",
    "sqrt": "np.sqrt",
    "pow": "np.power",
    "less": "np.less",
    "less_equal": "np.less_equal",
    "equal": "np.equal",
}
_NUMBERS = {"1": "one", "2": "two", "0.5": "half"}
_AUGMENTED = {"add": "+=", "subtract": "-=", "mul": "*=", "divide": "/="}
# The helpers of templates/numpy that take `out=`, which may be what they read.
_INTO = frozenset({"_sigmoid", "_softplus"})


class InPlace:
    """Spells operations; None for what is no single operation, which is spelled as an expression."""

    def __init__(self, values: Values, names: Names, arrays: Arrays) -> None:
        """A speller.

        Args:
            values: spells values.
            names: identifiers.
            arrays: what the function makes.
        """
        self.values, self.names, self.arrays = values, names, arrays
        self.loops: list[Loop] = []

    def operation(self, statement: Assign) -> list[str] | None:
        """The lines of one operation."""
        target, value = statement.target, statement.value
        if not target.dims or statement.scatters or statement.makes:
            return None
        self.values.lengths.clear()
        self.values.view(target)
        if is_copied(target):
            return self._added_to_rows(target, value) if statement.adds else None
        if statement.adds:
            return self._added(target, value)
        if isinstance(value, View):
            same = self.arrays.memory_of(target.name) == self.arrays.memory_of(value.name)
            if same and value.subscripts == target.subscripts:
                return []  # it is there
            return self._copied(target, value)
        if isinstance(value, Contract):
            return self._contracted(target, value)
        if isinstance(value, Reduce):
            return self._reduced(statement, value)
        if isinstance(value, Scalar | Count) or (isinstance(value, Apply) and not value.dims):
            return [f"{self._place(target)} = {self._operand(value, target.dims)}"]
        if isinstance(value, Apply) and all(is_leaf(a) or not a.dims for a in value.arguments):
            return self._applied(target, value)
        return None

    def at(self, view: View) -> Spelled:
        """A part of an array; at a step of a loop an entry of the list of its steps."""
        spelled = self.values.view(view)
        view = self._whole(view)
        if view.name in self.arrays.by_step:
            # Of one example steps are further apart than their features are many.
            batch = tuple(i for i in spelled.dims if i.axis.kind is AxisKind.BATCH)
            spelled = replace(spelled, apart=(*spelled.apart, *batch))
        found = self._step(view)
        if found is None:
            return spelled
        axis, point = found
        name = self._list(view, axis)
        return replace(spelled, text=f"{name}[{self.values.size(point.value)}]")

    def _whole(self, view: View) -> View:
        """An entry of a stack that an earlier program made as the part of the stack that it is."""
        part = self.arrays.parts.get(view.name)
        if part is None or part.whole not in self.arrays.stable:
            return view
        return View(part.whole, (Point(sympy.Integer(part.entry)), *view.subscripts), view.dims)

    def _step(self, view: View) -> tuple[int, Point] | None:
        """The axis that the innermost loop goes along, where nothing else of the part changes in it."""
        if not self.loops or view.name not in self.arrays.stable or len(view.dims) == 0:
            return None
        index = self.loops[-1].index
        moving = [n for n, s in enumerate(view.subscripts) if isinstance(s, Point) and s.value.has(index)]
        others = [s for n, s in enumerate(view.subscripts) if n not in moving]
        loops = {loop.index for loop in self.loops}
        for s in others:
            fixed = (s.value,) if isinstance(s, Point) else (s.start, s.length) if isinstance(s, Span) else None
            if fixed is None or any(e.free_symbols & loops for e in fixed):
                return None
            if isinstance(s, Point) and not at_least(s.value, sympy.Integer(0)):
                return None  # before the loop it may not be there
        if len(moving) != 1 or split(_point(view, moving[0]).value)[0] is not index:
            return None
        point = _point(view, moving[0])
        return None if point.value.free_symbols & (loops - {index}) else (moving[0], point)

    def _list(self, view: View, axis: int) -> str:
        """The list of an array's steps, one part of each."""
        entries = [":" if n == axis else self.values.subscript(s) for n, s in enumerate(view.subscripts)]
        while entries and entries[-1] == ":":
            entries.pop()
        own = self.names.variable[view.name]
        before = sum(isinstance(s, Span) for s in view.subscripts[:axis])
        text = f"{own}[{', '.join(entries)}]" if entries else own
        if before:
            text = f"{text}.swapaxes(0, 1)" if before == 1 else f"np.moveaxis({text}, {before}, 0)"
        key = (view.name, text)
        if key not in self.names.steps:
            first = view.subscripts[0]
            entry = int(first.value) if isinstance(first, Point) and first.value.is_Integer and axis > 0 else -1
            inside = (p.name for p in self.arrays.parts.values() if (p.whole, p.entry) == (view.name, entry))
            part = next(inside, None)
            self.names.steps[key] = self.names.numbered(f"{own if part is None else self.names.made(part)}_at")
        name = self.names.steps[key]
        self.arrays.provide(name, f"list({text})")
        return name

    def _operand(self, value: Value, dims: tuple[Index, ...]) -> str:
        if isinstance(value, View):
            return axes_of(self.at(value), dims).text
        if isinstance(value, Scalar):
            return self._number(value.value)
        return axes_of(self.values.spell(value, dims), dims).text

    def _number(self, value: sympy.Expr) -> str:
        """A number; in a loop as an array, which NumPy need not make of it at each step."""
        text = self.values.scalar(value).text
        if not self.loops or not value.is_number or not value.is_finite:
            return text
        return self._once(_NUMBERS.get(text, "number"), text, f"np.array({text}, {self.names.local['dtype']})")

    def _added(self, target: View, value: Value) -> list[str] | None:
        minus = isinstance(value, Apply) and value.function == "mul" and value.arguments[0] == MINUS
        if isinstance(value, Apply) and minus and len(value.arguments) == 2:
            value = value.arguments[1]
        if not is_leaf(value):
            return None
        return [f"{self.at(target).text} {'-=' if minus else '+='} {self._operand(value, target.dims)}"]

    def _copied(self, target: View, value: View) -> list[str] | None:
        if is_copied(value):
            return self._looked_up(target, value)
        return [f"{self._place(target)} = {self._operand(value, target.dims)}"]

    def _place(self, target: View) -> str:
        """The left side of an assignment: of a name, and of an entry of a list, what it holds."""
        out = self.at(target).text
        return out if "[" in out and self._step(self._whole(target)) is None else f"{out}[...]"

    def _looked_up(self, target: View, value: View) -> list[str] | None:
        """One entry of each row, by what has an entry for every row; or whole rows of a table."""
        found = self._rows(value, target.dims)
        if found is None:
            return self._taken(target, value)
        self.values.helpers.add("_look_up")
        return [f"_look_up({', '.join(found[1])}, out={self.at(target).text})"]

    def _taken(self, target: View, value: View) -> list[str] | None:
        """Rows of a table, written where they belong instead of into an array of their own first."""
        first, *rest = value.subscripts
        spans = [s for s in rest if isinstance(s, Span) and s.start == 0 and s.length == s.extent]
        if not isinstance(first, Gather) or first.offset != 0 or is_copied(first.entries) or len(spans) != len(rest):
            return None
        dims = (*first.entries.dims, *(s.index for s in spans))
        if not spans or not first.entries.dims or dims != target.dims or len(set(dims)) != len(dims):
            return None
        table, places = self.names.variable[value.name], self.at(first.entries).text
        # What was looked at is within the table: to let NumPy clip it only spares a second array.
        return [f'np.take({table}, {places}, axis=0, out={self.at(target).text}, mode="clip")']

    def _added_to_rows(self, target: View, value: Value) -> list[str] | None:
        """Something added to one entry of each row."""
        found = self._rows(target) if is_leaf(value) else None
        if found is None:
            return None
        along, passed = found
        shape = group([self._length(i) for i in along])
        work = self._once("entries", shape, f"np.empty({shape}, {self.names.local['dtype']})")
        self.values.helpers.update(("_add_to", "_look_up"))
        return [f"_add_to({', '.join(passed)}, {work}, {self._operand(value, along)})"]

    def _rows(self, view: View, dims: tuple[Index, ...] | None = None) -> tuple[tuple[Index, ...], list[str]] | None:
        """The rows that a look-up along the last axis goes through, with the arguments that say so; or None.

        It is None, too, where they do not go along the dimensions that are asked for.
        """
        *rows, last = view.subscripts
        if not isinstance(last, Gather) or last.offset != 0 or is_copied(last.entries):
            return None
        spans = tuple(s for s in rows if isinstance(s, Span))
        along = tuple(s.index for s in spans)
        places = self.at(last.entries)
        if not rows or len(spans) != len(rows) or along != places.dims or len(set(along)) != len(along):
            return None
        if dims is not None and along != dims:
            return None
        array = self.values.view(View(view.name, spans, along))
        self.values.view(last.entries)
        lengths = [self._length(i) for i in along]
        shape, count = group(lengths), " * ".join(lengths)
        numbers = self._once("rows", shape, f"np.arange({count}).reshape{shape if len(lengths) > 1 else f'({count})'}")
        flat = self._once("flat", shape, f"np.empty({shape}, np.intp)")
        return along, [array.text, places.text, numbers, flat]

    def _length(self, index: Index) -> str:
        """How many rows there are along an index."""
        length = self.values.lengths[index]
        return f"({length})" if " " in length and not length.startswith("max(") else length

    def _once(self, wanted: str, key: str, value: str) -> str:
        """An array that several statements use."""
        name = self.names.steps.setdefault((wanted, key), "") or self.names.numbered(wanted)
        self.names.steps[wanted, key] = name
        self.arrays.provide(name, value)
        return name

    def _reduced(self, statement: Assign, value: Reduce) -> list[str] | None:
        target, argument = statement.target, value.argument
        if not isinstance(argument, View) or is_copied(argument):
            return None
        spelled = self.at(argument)
        axes = sorted(spelled.dims.index(i) for i in value.over)
        left = tuple(i for i in spelled.dims if i not in value.over)
        if left != target.dims:
            return None
        axis = str(axes[0]) if len(axes) == 1 else group([*map(str, axes)])
        out = self.at(target).text
        if value.reduction is Reduction.SUM:
            return [f"np.add.reduce({spelled.text}, axis={axis}, out={out})"]
        if value.reduction is Reduction.MAX:
            return [f"np.maximum.reduce({spelled.text}, axis={axis}, initial=-np.inf, out={out})"]
        if statement.work is None or len(axes) != 1:
            return None
        helper = f"_{value.reduction.value}"
        self.values.helpers.add(helper)
        shape = group(["1" if i in value.over else self.values.lengths[i] for i in spelled.dims])
        largest = self._once("largest", shape, f"np.empty({shape}, {self.names.local['dtype']})")
        work = self.at(statement.work).text
        return [f"{helper}({spelled.text}, {axis}, out={out}, work={work}, largest={largest})"]

    def _applied(self, target: View, value: Apply) -> list[str] | None:
        out = self.at(target)
        operands = [self._operand(a, out.dims) for a in value.arguments]
        if value.function in _UFUNCS:
            if len(value.arguments) > 2:
                return None  # an expression that was left as it was
            if operands[0] == out.text and value.function in _AUGMENTED and len(operands) == 2:
                return [f"{out.text} {_AUGMENTED[value.function]} {operands[1]}"]
            if value.function == "negative" and not _lies_together(out.text):
                # NumPy 2.4's np.negative of a column whose rows are 8 float64 (4 float32) long takes wrong entries.
                return [f"np.multiply({operands[0]}, -1, out={out.text})"]
            return [f"{_UFUNCS[value.function]}({', '.join(operands)}, out={out.text})"]
        row = TABLE[value.function].row
        form = row.numpy
        if not value.dims or value.function == "where":
            return None
        called = re.fullmatch(r"(np\.\w+|_\w+)\([^()]*\)", form)
        if called is None or (called[1].startswith("_") and called[1] not in _INTO):
            return None
        if called[1].startswith("_"):
            self.values.helpers.add(called[1])
        if called[1] == "_sigmoid" and self.loops:
            return [f"_sigmoid({operands[0]}, out={out.text}, half={self._number(sympy.Rational(1, 2))})"]
        texts = [f"({text})" if re.search(r"\W(?!$)", text) and "/" in form else text for text in operands]
        return [f"{form.format(*texts)[:-1]}, out={out.text})"]

    def _contracted(self, target: View, value: Contract) -> list[str] | None:
        if not (isinstance(value.left, View) and isinstance(value.right, View)):
            return None
        if is_copied(value.left) or is_copied(value.right):
            return None
        left, right, out = self.at(value.left), self.at(value.right), self.at(target)
        if set(out.dims) - {*left.dims, *right.dims}:
            return None  # the same for every step or example: assigned, NumPy repeats it
        lengths = self.values.lengths
        found = product(left, right, value.over, out.dims, lengths, out)
        if found is None:
            return None
        into = found.into(out, lengths)
        shape = found.shape(lengths)
        if not found.reduce and into is not None:
            flat = len(found.groups) == 2 and not found.is_flat and into == out.text and not out.apart
            if self.loops and flat:  # of two matrices, into a third that lies together: half the price of a call
                return [f"{found.left}.dot({found.right}, out={into})"]
            return [f"np.matmul({found.left}, {found.right}, out={into})"]
        work = self._work(shape)
        lines = [f"np.matmul({found.left}, {found.right}, out={work})"]
        if found.reduce:
            axes = "0" if len(found.reduce) == 1 else group([*map(str, range(len(found.reduce)))])
            if into is not None:
                return [*lines, f"np.add.reduce({work}, axis={axes}, out={into})"]
            work = f"{work}.sum(axis={axes})"
        if any(len(g) != 1 for g in found.groups):
            work = f"{work}.reshape({', '.join(lengths[i] for i in found.dims)})"
        aligned = axes_of(Spelled(work, ATOM, found.dims), out.dims)
        return [*lines, f"{self._place(target)} = {aligned.text}"]

    def _work(self, shape: tuple[str, ...]) -> str:
        """An array for a product that cannot be written where it belongs."""
        return self._once("product", ", ".join(shape), f"np.empty({group(shape)}, {self.names.local['dtype']})")


def _lies_together(text: str) -> bool:
    """Whether a view of an array of our own has no gaps, as far as its text tells."""
    found = re.fullmatch(r"\w+(?:\[([^\[\]]*)\])?", text)
    return found is not None and ":" not in (found[1] or "").rpartition(", ")[0]


def is_by_step(variable: Variable) -> bool:
    """Whether an array holds several values of each step of a sequence for each example."""
    kinds = [axis.kind for axis in variable.axes[:3]]
    entries = variable.is_generated and bool(kinds) and variable.axes[0].size.is_Integer
    return entries and kinds == [AxisKind.FEATURE, AxisKind.SEQUENCE, AxisKind.BATCH]


def _point(view: View, axis: int) -> Point:
    found = view.subscripts[axis]
    assert isinstance(found, Point)
    return found
