"""Expressions straight to arrays, at one point: fast enough to look at thousands of them.

It knows less of the language than the reader does and gives up (`Unknown`) on the rest; what it finds is a hint alone,
since an explanation counts only after the reader has compared it at every point.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from derive.check.hand.broadcast import Cells
from derive.check.hand.diagnosis.choices import Choice, is_open, stacked
from derive.check.hand.diagnosis.parts import Misfit, Part, contracted, joined, outer, spread, transposed
from derive.expressions import Axis, AxisKind
from derive.functions import TABLE
from derive.interpret import Array
from derive.interpret.values import VALUES
from derive.system import Variable

ENTRIES = 2000  # so many of an array's entries cost as much as an operation


class Unknown(Exception):
    """An expression that has no array here."""


@dataclass(frozen=True)
class Quick:
    """Where expressions are evaluated.

    Attributes:
        cells: the values of every variable, gradients too, by name.
        variables: every variable by name.
        sizes: every size.
        indices: the values of the indices in scope, by name, and the axis of each.
        known: what has been computed, by the place of the tree in memory, which is kept with it.
        below: the same with one index more, by its name and ends.
        free: the indices that expressions leave open, by their place in memory.
        work: what has been computed so far: operations and the entries of their arrays.
    """

    cells: Mapping[str, Cells]
    variables: Mapping[str, Variable]
    sizes: Mapping[str, int]
    indices: Mapping[str, tuple[Array, Axis]]
    known: dict[int, tuple[ast.AST, Part | Exception]] = field(default_factory=dict)
    below: dict[tuple[str, int, int], Quick] = field(default_factory=dict)
    free: dict[int, tuple[ast.AST, frozenset[str]]] = field(default_factory=dict)
    work: list[float] = field(default_factory=lambda: [0.0])

    def value(self, node: ast.expr) -> Part:
        """The value of an expression in the person's words; what it shares with others is computed once.

        Raises:
            Unknown: it is beyond what is known here.
            Misfit: its shapes do not fit.
        """
        known = self.known.get(id(node))
        if known is None:
            try:
                known = (node, self._value(node))
                self.work[0] += 1 + known[1].array.size / ENTRIES
            except (Unknown, Misfit) as error:
                known = (node, error)
                self.work[0] += 1
            if isinstance(node, Choice) or not (isinstance(known[1], Part) and is_open(known[1])):
                self.known[id(node)] = known
        if isinstance(known[1], Part):
            return known[1]
        raise type(known[1])

    def _value(self, node: ast.expr) -> Part:
        match node:
            case Choice():
                return stacked(node, self._value_or_none)
            case ast.Constant(value=int() | float() as number):
                return Part((), np.asarray(float(number)))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                part = self.value(operand)
                return Part(part.over, -part.array, part.axes, part.row)
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                return contracted(self.value(left), self.value(right))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
                return joined(_SIGNS[type(op)], self.value(left), self.value(right))
            case ast.Attribute(value=inner, attr="T"):
                return transposed(self.value(inner))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARED:
                return joined(_COMPARED[type(op)], self._compared(left), self._compared(right))
            case ast.Call(func=ast.Name(id=name)) if name not in ("grad", "jac"):
                return self._called(node, name)
            case ast.Name(id=name) if name in self.indices:
                return Part((name,), self.indices[name][0].astype(float))
            case ast.Name(id=name) if name in self.sizes and name not in self.variables:
                return Part((), np.asarray(float(self.sizes[name])))
            case ast.Name() | ast.Subscript() | ast.Call():
                return self._read(node)
        raise Unknown

    def _value_or_none(self, node: ast.expr) -> Part | None:
        try:
            return self.value(node)
        except (Unknown, Misfit):
            return None

    def closed(self, node: ast.expr) -> tuple[Quick, dict[str, Axis]]:
        """Where a part of an expression has a value by itself: each index that it leaves open runs along its axis.

        Returns:
            That place, and the axes of these indices.

        Raises:
            Unknown: an index stands nowhere.
        """
        here, axes = self, dict[str, Axis]()
        for name in self._left_open(node):
            here = here._scope(node, ast.Name(name, ast.Load()))[0]
            axes[name] = here.indices[name][1]
        return here, axes

    def _left_open(self, node: ast.expr) -> list[str]:
        """The indices of an expression that nothing in it binds, nor what it stands in."""
        known = (self.indices, self.sizes, self.variables)
        return [name for name in sorted(self._free(node)) if not any(name in names for names in known)]

    def _free(self, node: ast.AST) -> frozenset[str]:
        """The names in the subscripts of an expression that no sum in it binds; what trees share is looked at once."""
        found = self.free.get(id(node))
        if found is None:
            match node:
                case ast.Subscript(slice=given):
                    names = frozenset(inner.id for inner in ast.walk(given) if isinstance(inner, ast.Name))
                case ast.Call(func=ast.Name(id="sum" | "mean"), args=[body, *overs]):
                    bound = {over.elts[0] if isinstance(over, ast.Tuple) and over.elts else over for over in overs}
                    names = self._free(body) - set(map(ast.unparse, bound))
                case _:
                    names = frozenset().union(*map(self._free, ast.iter_child_nodes(node)))
            self.free[id(node)] = found = (node, names)
        return found[1]

    def _called(self, node: ast.Call, name: str) -> Part:
        if node.keywords:
            raise Unknown
        match name, node.args:
            case "outer", [left, right]:
                return outer(self.value(left), self.value(right))
            case "dot", [left, right]:
                one, other = self.value(left), self.value(right)
                if one.rank != 1 or other.rank != 1:
                    raise Misfit
                return contracted(one, other)
            case "diag", [inner]:
                part = self.value(inner)
                if part.rank != 1:
                    raise Misfit
                return Part(part.over, part.array[..., np.newaxis] * np.eye(part.array.shape[-1]), part.axes * 2)
            case "where", [condition, one, other]:
                return self._where(self.value(condition), self.value(one), self.value(other))
            case "onehot", [inner]:
                return self._onehot(inner)
            case "sum" | "mean", [body, *overs] if overs:
                return self._summed(body, overs, name == "mean")
        if name not in TABLE or TABLE[name].row.arity != len(node.args) or name == "where":
            raise Unknown
        parts = [self.value(argument) for argument in node.args]
        with np.errstate(all="ignore"):
            if len(parts) == 1:
                return Part(parts[0].over, np.asarray(VALUES[name](parts[0].array)), parts[0].axes, parts[0].row)
            return joined(VALUES[name], *parts)

    def _compared(self, node: ast.expr) -> Part:
        """A side of a comparison: a number, or an index as one."""
        try:
            return self._whole(node)
        except Unknown:
            return self.value(node)

    def _where(self, condition: Part, one: Part, other: Part) -> Part:
        chosen = joined(np.multiply, condition, one)
        rest = joined(np.multiply, Part(condition.over, 1.0 - condition.array, condition.axes), other)
        return joined(np.add, chosen, rest)

    def _onehot(self, node: ast.expr) -> Part:
        name = node.value.id if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) else ""
        classes = self.variables[name].classes if name in self.variables else None
        if classes is None or classes.name not in self.sizes:
            raise Unknown
        part = self.value(node)
        found = (part.array[..., np.newaxis] == np.arange(self.sizes[classes.name])).astype(float)
        return Part(part.over, found, (Axis(classes),))

    def _summed(self, body: ast.expr, overs: Sequence[ast.expr], mean: bool) -> Part:
        """A sum or a mean over indices, the first outermost."""
        below, index, count = self._scope(body, overs[0])
        part = below._summed(body, overs[1:], mean) if overs[1:] else below.value(body)
        if index not in part.over:
            return part if mean else Part(part.over, part.array * float(count), part.axes)
        kept = tuple(name for name in part.over if name != index)
        total = part.array.sum(axis=part.over.index(index))
        return Part(kept, total / count if mean else total, part.axes)

    def _scope(self, body: ast.expr, over: ast.expr) -> tuple[Quick, str, int]:
        """Where the body of a sum is evaluated, the sum's index and how many values that has."""
        bounds: list[ast.expr] = []
        if isinstance(over, ast.Tuple) and len(over.elts) == 3:
            over, *bounds = over.elts
        if not isinstance(over, ast.Name) or over.id in self.indices:
            raise Unknown
        axis = self._axis_of(over.id, body)
        first = 1 if axis.kind is AxisKind.SEQUENCE else 0
        last = self._number(axis.size) + first - 1
        if bounds:
            ends = [self._whole(end) for end in bounds]
            if any(end.over for end in ends):
                raise Unknown
            first, last = (int(end.array) for end in ends)
        steps = np.arange(first, last + 1)
        key = (over.id, first, last)
        if key not in self.below:
            indices = {**self.indices, over.id: (steps, axis)}
            self.below[key] = Quick(self.cells, self.variables, self.sizes, indices, work=self.work)
        return self.below[key], over.id, len(steps)

    def _axis_of(self, name: str, body: ast.expr) -> Axis:
        """What an index runs along: the axis that it stands at."""
        for node in ast.walk(body):
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in self.variables:
                given = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
                for subscript, axis in zip(given, self.variables[node.value.id].axes, strict=False):
                    if any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(subscript)):
                        return axis
        raise Unknown

    def _number(self, size: object) -> int:
        name = getattr(size, "name", "")
        if name not in self.sizes:
            raise Unknown
        return self.sizes[name]

    def _read(self, node: ast.expr) -> Part:
        """A variable, a gradient or a Jacobian at subscripts."""
        name, given = self._named(node)
        if name not in self.cells or name not in self.variables:
            if isinstance(node, ast.Name):
                raise Misfit  # an index that nothing binds
            raise Unknown
        return self._cells(self.cells[name], self.variables[name], given)

    def _named(self, node: ast.expr) -> tuple[str, list[ast.expr]]:
        """The variable that is read, and its subscripts; a gradient has those of what it is of and by."""
        match node:
            case ast.Name(id=name):
                return name, []
            case ast.Subscript(value=ast.Name(id=name)):
                return name, list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
            case ast.Call(func=ast.Name(id="grad"), args=[inner], keywords=[]):
                name, given = self._named(inner)
                return f"grad({name})", given
            case ast.Call(args=[inner], keywords=[ast.keyword(arg="at", value=ast.Name(id=at))]):
                name, given = self._named(inner)
                return f"grad({name}, at={at.upper()})", [ast.Name(at, ast.Load()), *given]
            case ast.Call(func=ast.Name(id="jac"), args=[one, other], keywords=[]):
                (upper, first), (lower, second) = self._named(one), self._named(other)
                if len(first) == self._steps(upper) and len(second) == self._steps(lower):
                    return f"jac({upper}, {lower})", [*first, *second]
        raise Unknown

    def _steps(self, name: str) -> int:
        if name not in self.variables:
            raise Unknown
        return sum(axis.kind is AxisKind.SEQUENCE for axis in self.variables[name].axes)

    def _cells(self, cells: Cells, variable: Variable, given: list[ast.expr]) -> Part:
        sequences = sum(axis.kind is AxisKind.SEQUENCE for axis in variable.axes)
        if not sequences <= len(given) <= len(variable.axes):
            raise Misfit
        places: list[Part] = []
        for number, subscript in enumerate(given):
            if isinstance(subscript, ast.Slice):
                raise Unknown
            place = self._whole(subscript)
            if number >= sequences:
                self._on_axis(subscript, variable.axes[number])
            places.append(place)
        over = tuple(dict.fromkeys(name for place in places for name in place.over))
        free = variable.axes[len(given) :]
        indexed: list[Array] = []
        outside: Array = np.zeros((), dtype=bool)
        for number, place in enumerate(places):
            where = spread(place, over).astype(int) - cells.first[number]
            outside = outside | (where < 0) | (where >= cells.array.shape[number])
            indexed.append(np.clip(where, 0, cells.array.shape[number] - 1))
        shape = np.broadcast_shapes(*(where.shape for where in indexed)) if indexed else ()
        found = cells.array[tuple(np.broadcast_to(where, shape) for where in indexed)] if indexed else cells.array
        if np.any(outside):
            beyond = np.broadcast_to(outside, shape).reshape((*shape, *(1,) * len(free)))
            found = np.where(beyond, cells.outside, found)
        return Part(over, np.asarray(found, dtype=float), free)

    def _on_axis(self, subscript: ast.expr, axis: Axis) -> None:
        if isinstance(subscript, ast.Name) and subscript.id in self.indices and self.indices[subscript.id][1] != axis:
            raise Misfit

    def _whole(self, node: ast.expr) -> Part:
        """A subscript or an end: an index, a size, a number, sums of these, or a look-up."""
        match node:
            case ast.Constant(value=int(number)):
                return Part((), np.asarray(number))
            case ast.Name(id=name) if name in self.indices:
                return Part((name,), self.indices[name][0])
            case ast.Name(id=name) if name in self.sizes:
                return Part((), np.asarray(self.sizes[name]))
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
                return joined(_SIGNS[type(op)], self._whole(left), self._whole(right))
            case ast.Subscript():
                return self._read(node)
        raise Misfit if isinstance(node, ast.Name) and node.id not in self.variables else Unknown


_COMPARED: dict[type[ast.cmpop], Callable[[Array, Array], Array]] = {
    ast.Eq: np.equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
}

_SIGNS: dict[type[ast.operator], Callable[[Array, Array], Array]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
