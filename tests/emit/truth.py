"""Printed equations read as mathematics: what a line of forms says, at given sizes and values, in either notation.

Nothing here is derive's own reader or interpreter. An array-notation form is read with an index for each of its axes,
and every index of a line runs over all its values at once: a value is an array whose axes have names, an index's or the
number of an axis that array notation does not name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import sympy

from derive.emit.notation import forms
from derive.emit.notation.forms import Form
from derive.interpret import Array, Values
from derive.interpret.values import VALUES
from derive.system import Role, System

NONE = -(10**6)  # a label or a node that is not there


@dataclass(frozen=True)
class Named:
    """An array with named axes."""

    array: Array
    dims: tuple[str | int, ...] = ()

    @property
    def rank(self) -> int:
        """How many axes have no index."""
        return sum(isinstance(dim, int) for dim in self.dims)

    def along(self, dims: Sequence[str | int]) -> Array:
        """The array with these axes in this order, of length 1 where it lacks them."""
        if self.dims == dims:
            return self.array
        order = [self.dims.index(dim) for dim in dims if dim in self.dims]
        shape = [self.array.shape[self.dims.index(dim)] if dim in self.dims else 1 for dim in dims]
        return self.array.transpose(order).reshape(shape)

    def renamed(self, names: Mapping[int, str | int]) -> Named:
        """The same with other names for its unnamed axes."""
        return Named(self.array, tuple(names.get(dim, dim) if isinstance(dim, int) else dim for dim in self.dims))


def _union(parts: Iterable[Named]) -> tuple[str | int, ...]:
    return tuple(dict.fromkeys(dim for part in parts for dim in part.dims))


def _map(function: Any, *parts: Named) -> Named:
    dims = _union(parts)
    return Named(np.asarray(function(*(part.along(dims) for part in parts))), dims)


class Reader:
    """Evaluates lines of one system.

    Args:
        system: a model with its gradient.
        sizes: every size by name.
        values: the values of all variables and gradients.
    """

    def __init__(self, system: System, sizes: Mapping[str, int], values: Mapping[str, Values]) -> None:
        """A reader."""
        self.system, self.sizes, self.values = system, sizes, values
        self._checked: dict[tuple[object, ...], bool] = {}

    def wrong(self, lines: Sequence[forms.Line], some: bool = False) -> list[str]:
        """The variables (`grad(h)`) about which lines say what is not so.

        Args:
            lines: all that there are about each variable.
            some: whether there are others, so that cells may be left out.
        """
        groups: dict[str, list[forms.Line]] = {}
        for line in lines:
            assert isinstance(line.left, forms.Variable)
            groups.setdefault(key(line.left), []).append(line)
        wrong = []
        for name, group in groups.items():
            # Lines about given data say what is before their first step; the rest is given.
            partly = some or (name in self.system.by_name and self.system.by_name[name].role.is_given)
            told = (partly, *group)
            if told not in self._checked:
                self._checked[told] = self._holds(name, group, partly)
            if not self._checked[told]:
                wrong.append(name)
        return wrong

    def _holds(self, name: str, group: list[forms.Line], some: bool) -> bool:
        truth = self.values[name]
        gradient = name.startswith("grad(")
        said = np.full(truth.array.shape, 0.0 if (gradient and not some) or group[0].adds else np.nan)
        # A line for a step that is named stands against the general one.
        starts = [line for line in group if self._is_start(line)]
        group = [line for line in group if line not in starts]
        for line in sorted(group, key=lambda line: len(_symbols(line.left) - self.sizes.keys()), reverse=True):
            self._write(line, said, truth.first)
        for line in starts:
            self._write(line, said, truth.first, truth.array)
        defined = ~np.isnan(said if some else truth.array)
        return np.allclose(said[defined], truth.array[defined], rtol=1e-9, atol=1e-10)

    def _is_start(self, line: forms.Line) -> bool:
        """Whether a line says a file's number for a start; the data may have another."""
        if any(isinstance(form, forms.Variable | forms.Symbol) for form in forms.walk(line.right)):
            return False
        assert isinstance(line.left, forms.Variable)
        said = self.value(line.right, {}).array
        starts = (v for v in self.system.with_role(Role.START) if v.start is not None and v.default is not None)
        return any(v.start.of == key(line.left) and np.allclose(v.default, said) for v in starts if v.start)

    def _write(self, line: forms.Line, said: Array, first: tuple[int, ...], instead: Array | None = None) -> None:
        """Note what a line says, or other values for its cells."""
        assert isinstance(line.left, forms.Variable)
        env: dict[str, Named] = {}
        for name in sorted(_symbols(line.left) - self.sizes.keys()):
            env[name] = self._whole(name, (line.left, line.right))
        for low, name, high in line.conditions:
            env[name] = self._between(name, low, high, env)
        ends = [Named(np.asarray(True))]
        for low, name, high in line.conditions:
            ends.append(_map(np.less_equal, env[name], self.value(high, env)))
            if low is not None:
                ends.append(_map(np.less_equal, self.value(low, env), env[name]))
        at = self._places(line.left, env, first)
        right = self.value(line.right, env)
        dims = _union((*at, *ends, right))
        shape = np.broadcast_shapes(*(part.along(dims).shape for part in (*at, *ends, right)))
        index = [np.broadcast_to(part.along(dims), shape).reshape(-1).astype(int) for part in at]
        inside = np.broadcast_to(_map(lambda *p: reduce(np.logical_and, p), *ends).along(dims), shape).reshape(-1)
        for place, size in zip(index, said.shape, strict=True):
            inside = inside & (place >= 0) & (place < size)
        value = np.broadcast_to(right.along(dims), shape).reshape(-1)[inside]
        where = tuple(place[inside] for place in index)
        if instead is not None:
            said[where] = instead[where]
        elif line.adds:
            np.add.at(said, where or ..., value if where else value.sum())
        else:
            assert len({*zip(*where, strict=True)}) == len(value) or not where, "a cell is said twice"
            said[where] = value if where else value[0]

    def _places(self, left: forms.Variable, env: Mapping[str, Named], first: tuple[int, ...]) -> list[Named]:
        subscripts = self._subscripts(left, self.values[key(left)], env)
        return [_map(lambda a, low=low: a - low, s) for s, low in zip(subscripts, first, strict=True)]

    def _subscripts(self, variable: forms.Variable, values: Values, env: Mapping[str, Named]) -> list[Named]:
        """A number for each axis of a variable; those of a slice, or of a feature that is not named, unnamed."""
        found = [self.value(step, env) for step in variable.steps]
        unnamed = 0
        axes = range(len(variable.steps), values.array.ndim)
        for position, axis in enumerate(axes):
            part = variable.parts[position] if position < len(variable.parts) else forms.WHOLE
            if isinstance(part, forms.Slice):
                low = 0 if part.first is None else int(self.value(part.first, env).array)
                high = values.array.shape[axis] if part.last is None else int(self.value(part.last, env).array)
                found.append(Named(np.arange(low, high), (unnamed,)))
                unnamed += 1
            else:
                found.append(self.value(part, env))
        return found

    def value(self, form: Form, env: Mapping[str, Named]) -> Named:
        """What a form is."""
        match form:
            case forms.Number(number):
                return Named(np.asarray(float(number) if number.q != 1 else int(number)))
            case forms.Symbol(name):
                return self._symbol(name, env)
            case forms.Variable():
                return self._variable(form, env)
            case forms.Add(terms):
                return _map(lambda *p: reduce(np.add, p), *(self.value(term, env) for term in terms))
            case forms.Negative(of):
                return _map(np.negative, self.value(of, env))
            case forms.Multiply(scalars, arrays, divisors):
                above = [self.value(f, env) for f in (*scalars, *arrays)] or [Named(np.asarray(1.0))]
                product = _map(lambda *p: reduce(np.multiply, p), *above) if len(above) > 1 else above[0]
                for divisor in divisors:
                    product = _map(np.true_divide, product, self.value(divisor, env))
                return product
            case forms.Power(base, exponent):
                return _map(lambda a, b: np.power(a * 1.0, b), self.value(base, env), self.value(exponent, env))
            case forms.Compare(sign, left, right):
                test = {"<": np.less, "<=": np.less_equal, "==": np.equal}[sign]
                return _map(lambda a, b: test(a, b) * 1.0, self.value(left, env), self.value(right, env))
            case forms.Reduce():
                return self._reduce(form, env)
            case forms.Apply(name, arguments):
                return self._apply(name, [self.value(argument, env) for argument in arguments])
            case forms.Entry(of, parts):
                whole = self.value(of, env)
                return self._entry(whole, [self._place(part, n, whole, env) for n, part in enumerate(parts)])
        return self._array(form, env)

    def _array(self, form: Form, env: Mapping[str, Named]) -> Named:
        match form:
            case forms.Product(factors):
                found = self.value(factors[0], env)
                for factor in factors[1:]:
                    found = _contracted(found, self.value(factor, env))
                return found
            case forms.Inner(left, right):
                return _contracted(self.value(left, env), self.value(right, env))
            case forms.Outer(left, right):
                return _map(np.multiply, self.value(left, env), self.value(right, env).renamed({0: 1}))
            case forms.Transpose(of):
                return self.value(of, env).renamed({0: 1, 1: 0})
            case forms.Diag(of):
                vector = self.value(of, env)
                eye = np.eye(vector.array.shape[vector.dims.index(0)])
                return _map(np.multiply, vector, Named(eye, (0, 1)))
            case forms.Eye(size):
                return Named(np.eye(int(self.value(size, env).array)), (0, 1))
            case forms.OneHot(at):
                size = int(self._classes(at))
                return _map(lambda a, b: np.equal(a, b) * 1.0, self.value(at, env), Named(np.arange(size), (0,)))
        raise TypeError(f"no meaning for {type(form).__name__}")

    def _symbol(self, name: str, env: Mapping[str, Named]) -> Named:
        if name in env:
            return env[name]
        numbers = {"pi": np.pi, "inf": np.inf}
        return Named(np.asarray(self.sizes[name] if name in self.sizes else numbers[name]))

    def _variable(self, variable: forms.Variable, env: Mapping[str, Named]) -> Named:
        name = key(variable)
        own = self.system.by_name[name]
        values = self.values.get(f"{name}.padded", self.values[name])
        outside: float = 0.5  # a line may read what it multiplies with data that are 0 there
        if own.role.is_data or own.role is Role.GRAD:
            outside = NONE if own.role.is_integer else 0.0
        subscripts = self._subscripts(variable, values, env)
        dims = _union(subscripts)
        absent, inside = np.asarray(False), np.asarray(True)
        places = []
        for subscript, low, length in zip(subscripts, values.first, values.array.shape, strict=True):
            place = np.asarray(subscript.along(dims), int)
            absent = absent | (place < NONE / 2)
            inside = inside & (place >= low) & (place < low + length)
            places.append(np.clip(place - low, 0, length - 1))
        if not places:
            return Named(values.array)
        found = values.array[tuple(np.broadcast_arrays(*places))]
        found = np.where(inside, found, outside)
        # What is looked up with none is 0.
        return Named(np.where(absent, 0.0, found) if np.any(absent) else found, dims)

    def _classes(self, at: Form) -> Any:
        assert isinstance(at, forms.Variable)
        classes = self.system.by_name[at.name].classes
        assert classes is not None
        return self._number(classes)

    def _number(self, expression: sympy.Expr) -> int:
        return int(expression.subs({symbol: self.sizes[symbol.name] for symbol in expression.free_symbols}))

    def _whole(self, index: str, within: Iterable[Form]) -> Named:
        """All values of an index: those of its sequence, or of the axis that it subscripts."""
        sequence = index.rstrip("0123456789").upper()
        if sequence in self.sizes:
            return Named(np.arange(1, self.sizes[sequence] + 1), (index,))
        found = {size for form in within for size in self._extents(index, form)}
        assert found, f"nothing says how far {index} runs"
        return Named(np.arange(min(found)), (index,))

    def _extents(self, index: str, form: Form) -> Iterable[int]:
        mine = forms.Symbol(index)
        for inner in forms.walk(form):
            match inner:
                case forms.Variable():
                    sizes = self.values[key(inner)].array.shape[len(inner.steps) :]
                    for part, size in zip(inner.parts, sizes, strict=False):
                        if part == mine:
                            yield size
                case forms.Entry(forms.OneHot(at), (part,)) if part == mine:
                    yield int(self._classes(at))
                case forms.Entry(forms.Eye(size), parts) if mine in parts:
                    yield int(self.value(size, {}).array)
                case forms.Entry(of, parts) if mine in parts:
                    shape = self.value(of, {name: Named(np.asarray(1)) for name in _symbols(of) - self.sizes.keys()})
                    yield shape.array.shape[shape.dims.index(parts.index(mine))]

    def _between(self, index: str, low: Form | None, high: Form, env: Mapping[str, Named]) -> Named:
        """The values of an index up to the greatest that its ends may have."""
        first = self.value(low, env).array.min() if low is not None else int(self._is_step(index))
        return Named(np.arange(first, self.value(high, env).array.max() + 1), (index,))

    def _is_step(self, index: str) -> bool:
        return index.rstrip("0123456789").upper() in self.sizes

    def _reduce(self, form: forms.Reduce, env: Mapping[str, Named]) -> Named:
        inner = dict(env)
        masks = [Named(np.asarray(True))]
        for span in form.spans:
            if span.first is None or span.last is None:
                inner[span.index] = self._whole(span.index, [form.body])
                continue
            ends = self.value(span.first, inner), self.value(span.last, inner)
            inner[span.index] = Named(np.arange(ends[0].array.min(), ends[1].array.max() + 1), (span.index,))
            masks.append(_map(np.less_equal, ends[0], inner[span.index]))
            masks.append(_map(np.less_equal, inner[span.index], ends[1]))
        if form.name in ("softmax", "logsoftmax"):
            return self._kept(form, inner, env)
        body = self.value(form.body, inner)
        over: list[str | int] = [span.index for span in form.spans] or [
            dim for dim in body.dims if isinstance(dim, int)
        ]
        spans = [inner[span.index] for span in form.spans]
        mask = _map(lambda *p: reduce(np.logical_and, p), *masks)
        whole = _map(lambda *p: np.broadcast_arrays(*p)[0], body, mask, *spans)
        mask = Named(np.broadcast_to(mask.along(whole.dims), whole.array.shape), whole.dims)
        return _reduced(form.name, whole, mask.array, over)

    def _kept(self, form: forms.Reduce, inner: dict[str, Named], env: Mapping[str, Named]) -> Named:
        """A softmax over an index, which stays: all of it, then the entries at which the index stands."""
        (span,) = form.spans
        own = f"{span.index} of {form.name}"
        run = Named(inner[span.index].array, (own,))
        body = self.value(form.body, {**inner, span.index: run})
        mask = Named(np.asarray(True))
        if span.first is not None and span.last is not None:
            ends = self.value(span.first, env), self.value(span.last, env)
            mask = _map(lambda a, i, b: (a <= i) & (i <= b), ends[0], run, ends[1])
        whole = _map(lambda *p: np.broadcast_arrays(*p)[0], body, mask, run)
        found = _reduced(form.name, whole, np.broadcast_to(mask.along(whole.dims), whole.array.shape), [own])
        at = _map(lambda i: np.clip(i - run.array[0], 0, len(run.array) - 1), env[span.index])
        number = found.dims.index(own)
        assert not found.rank, form
        moved = np.moveaxis(found.array, number, 0)
        return self._entry(Named(moved, (0, *(dim for dim in found.dims if dim != own))), [at])

    def _apply(self, name: str, arguments: list[Named]) -> Named:
        if name == "concat":
            dims = tuple(dim for dim in _union(arguments) if dim != 0)
            parts = [argument.along((*dims, 0)) for argument in arguments]
            shape = np.broadcast_shapes(*(part.shape[:-1] for part in parts))
            return Named(np.concatenate([np.broadcast_to(p, (*shape, p.shape[-1])) for p in parts], -1), (*dims, 0))
        if name in ("max", "min") and len(arguments) > 1:
            return _map(np.maximum if name == "max" else np.minimum, *arguments)
        if name in ("softmax", "logsoftmax", "logsumexp", "normaliser", "sum", "mean", "max", "norm2"):
            (argument,) = arguments
            over = [dim for dim in argument.dims if isinstance(dim, int)]
            return _reduced(name, argument, np.ones(argument.array.shape, bool), over)
        return _map(VALUES[name], *arguments)

    def _place(self, part: Form, n: int, whole: Named, env: Mapping[str, Named]) -> Named:
        """The places that a subscript of an array names; those of a part make an axis of their own."""
        if not isinstance(part, forms.Slice):
            return self.value(part, env)
        assert [dim for dim in whole.dims if isinstance(dim, int)] == [0], "a part of a vector"
        first = 0 if part.first is None else int(self.value(part.first, env).array)
        last = whole.array.shape[whole.dims.index(0)] if part.last is None else int(self.value(part.last, env).array)
        return Named(np.arange(first, last), (n,))

    def _entry(self, of: Named, parts: list[Named]) -> Named:
        unnamed = sorted(dim for dim in of.dims if isinstance(dim, int))
        rest = tuple(dim for dim in of.dims if dim not in unnamed[: len(parts)])
        dims = _union((Named(np.zeros((1,) * len(rest)), rest), *parts))
        places = []
        for dim in of.dims:
            if dim in unnamed[: len(parts)]:
                places.append(parts[unnamed.index(dim)].along(dims).astype(int))  # type: ignore[arg-type]
            else:
                places.append(Named(np.arange(of.array.shape[of.dims.index(dim)]), (dim,)).along(dims))
        absent = np.logical_or.reduce(np.broadcast_arrays(*(place < NONE / 2 for place in places)))
        places = [np.where(place < NONE / 2, 0, place) for place in places]
        found = np.where(absent, 0.0, of.array[tuple(np.broadcast_arrays(*places))])
        moved = {dim: n for n, dim in enumerate(d for d in dims if isinstance(d, int))}
        return Named(found, dims).renamed(moved)


def key(variable: forms.Variable) -> str:
    """The name of a variable in its system."""
    return "grad(" * variable.gradients + variable.name + ")" * variable.gradients


def _symbols(form: Form) -> set[str]:
    return {inner.name for inner in forms.walk(form) if isinstance(inner, forms.Symbol)}


def _contracted(left: Named, right: Named) -> Named:
    """The sum over the last unnamed axis of the left and the first of the right."""
    last = left.rank - 1
    one = left.renamed({last: "contracted"})
    other = right.renamed({0: "contracted", **{n: n + last - 1 for n in range(1, right.rank)}})
    product = _map(np.multiply, one, other)
    axis = product.dims.index("contracted")
    return Named(product.array.sum(axis), tuple(dim for dim in product.dims if dim != "contracted"))


def _reduced(name: str, of: Named, mask: Array, over: Sequence[str | int]) -> Named:
    axes = tuple(of.dims.index(dim) for dim in over)
    rest = tuple(dim for dim in of.dims if dim not in over)
    if name in ("sum", "mean", "norm2"):
        values = np.where(mask, of.array, 0)
        if name == "norm2":
            return Named(np.sqrt((values**2).sum(axes)), rest)
        total = values.sum(axes)
        return Named(total / mask.sum(axes) if name == "mean" else total, rest)
    values = np.where(mask, of.array, -np.inf)
    top = values.max(axes, keepdims=True, initial=-np.inf)
    if name == "max":
        return Named(top.squeeze(axes), rest)
    top = np.where(np.isfinite(top), top, 0)
    powers = np.exp(values - top)
    total = powers.sum(axes, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        if name == "softmax":
            return Named(np.where(total > 0, powers / total, 0), of.dims)
        logarithm = np.log(total) + top
        if name == "logsoftmax":
            return Named(values - logarithm, of.dims)
        return Named(np.where(total > 0, logarithm, 0 if name == "normaliser" else -np.inf).squeeze(axes), rest)
