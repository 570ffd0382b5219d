"""Calls of a generated module with the data of a System: the names and shapes that its functions take and give."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from derive.emit.numpy.names import keyword_of_start
from derive.expressions import AxisKind
from derive.interpret import Array
from derive.system import Role, System

_DATA = (Role.INPUT, Role.INDEX, Role.TARGET, Role.LABEL, Role.CONST)


def start_keywords(system: System) -> dict[str, tuple[str, ...]]:
    """The keyword of every start that a call may give, and the variables that it stands for, oldest step first.

    `h[0] = 0` makes `h0`, more lags make one keyword with an entry each, `g[T+1] = 0` makes `g_end`. A keyword that is
    the name of something given gets an underscore.
    """
    given = {variable.name for variable in system.variables if variable.role.is_given}
    keywords: dict[str, list[tuple[int, str]]] = {}
    for variable in system.with_role(Role.START):
        assert variable.start is not None, variable.name
        step, keyword = variable.start.step, keyword_of_start(variable)
        keyword = f"{keyword}_" if keyword in given else keyword
        order = int(step) if step.is_Integer else int(step.as_coeff_Add()[0])
        keywords.setdefault(keyword, []).append((order, variable.name))
    return {keyword: tuple(name for _, name in sorted(parts)) for keyword, parts in keywords.items()}


@dataclass(frozen=True)
class Arguments:
    """What a module's functions are called with.

    Attributes:
        params: the parameters by name.
        data: data, constants and starts, by keyword.
        wrt: the keywords of which gradients are asked for besides the parameters'.
        batch_axes: the keywords that have a batch axis, and which axis it is.
        sizes: every size by its name.
    """

    params: dict[str, Array]
    data: dict[str, Array]
    wrt: tuple[str, ...]
    batch_axes: dict[str, int]
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def differentiable(self) -> dict[str, Array]:
        """Every array that has a gradient, by name or keyword."""
        return {**self.params, **{name: self.data[name] for name in self.wrt}}

    def with_array(self, name: str, array: Array) -> Arguments:
        """The same with another array."""
        if name in self.params:
            return replace(self, params=self.params | {name: array})
        return replace(self, data=self.data | {name: array})

    def cast(self, dtype: Any) -> Arguments:
        """The same in another precision; integers stay."""

        def cast(arrays: Mapping[str, Array]) -> dict[str, Array]:
            return {name: a.astype(dtype) if a.dtype.kind == "f" else a for name, a in arrays.items()}

        return replace(self, params=cast(self.params), data=cast(self.data))

    def example(self, number: int, *, keep_axis: bool) -> Arguments:
        """One example: a batch of one, or without the batch axis."""
        choice: Any = [number] if keep_axis else number
        data = {
            name: np.take(array, choice, axis=self.batch_axes[name]) if name in self.batch_axes else array
            for name, array in self.data.items()
        }
        return replace(self, data=data)


def arguments(system: System, given: Mapping[str, Array], sizes: Mapping[str, int] | None = None) -> Arguments:
    """The arguments of a module's functions, from what the interpreter is given."""
    params = {variable.name: np.asarray(given[variable.name]) for variable in system.with_role(Role.PARAM)}
    data = {variable.name: np.asarray(given[variable.name]) for variable in system.with_role(*_DATA)}
    axes: dict[str, int] = {}
    for variable in system.with_role(*_DATA, Role.START):
        for number, axis in enumerate(variable.axes):
            if axis.kind is AxisKind.BATCH:
                axes[variable.name] = number
    for keyword, names in start_keywords(system).items():
        data[keyword] = by_keyword(names, given)
        if names[0] in axes:
            axes[keyword] = axes[names[0]] + (len(names) > 1)
    wrt = (*(variable.name for variable in system.with_role(Role.INPUT)), *start_keywords(system))
    return Arguments(params, data, wrt, {name: axis for name, axis in axes.items() if name in data}, dict(sizes or {}))


def by_keyword(names: tuple[str, ...], arrays: Mapping[str, Array]) -> Array:
    """The starts of one keyword as one array: an entry each where there is more than one."""
    parts = [np.asarray(arrays[name]) for name in names]
    return parts[0] if len(parts) == 1 else np.stack(parts)


def accepted(function: Any, at: Arguments) -> dict[str, Any]:
    """Those of the data that a function takes, for none takes what it does not read; scalars as Python's numbers.

    A size that no array of the call tells is a keyword of the function, so that it is given, too.
    """
    parameters = _parameters(function)
    data = {name: array if array.ndim else array.item() for name, array in at.data.items() if name in parameters}
    asked = (n for n, p in parameters.items() if p.kind is p.KEYWORD_ONLY and p.default is p.empty and n not in data)
    return data | {name: at.sizes[name] for name in asked if name in at.sizes}


@lru_cache(maxsize=64)
def _parameters(function: Any) -> Mapping[str, inspect.Parameter]:
    """What a function takes, looked up once: finite differences call it a thousand times."""
    return inspect.signature(function).parameters


def loss(module: Any, at: Arguments) -> float:
    """The module's loss."""
    return float(module.loss(module.Params(**at.params), **accepted(module.loss, at)))


def loss_and_grad(
    module: Any, at: Arguments, wrt: Iterable[str] | None = None, **more: Any
) -> tuple[float, dict[str, Array]]:
    """The module's loss, and the gradient of every array that has one; `more` are keywords such as `lengths`."""
    function = module.loss_and_grad
    data = accepted(function, at)
    asked = tuple(name for name in (at.wrt if wrt is None else wrt) if name in data)
    value, params, *rest = function(module.Params(**at.params), **data, **({"wrt": asked} if asked else {}), **more)
    gradients = {name: np.asarray(getattr(params, name)) for name in at.params}
    return float(value), gradients | {name: np.asarray(array) for name, array in (rest[0] if rest else {}).items()}


def forward(module: Any, at: Arguments, **more: Any) -> Any:
    """The module's `Forward`."""
    return module.forward(module.Params(**at.params), **accepted(module.forward, at), **more)


def backward(module: Any, at: Arguments, **more: Any) -> dict[str, Array]:
    """The parameters' gradients by the two-step route, `forward` and then `backward`."""
    function = module.backward
    values = {name: value for name, value in more.items() if name != "window"}
    params = function(module.Params(**at.params), forward(module, at, **values), **accepted(function, at), **more)
    return {name: np.asarray(getattr(params, name)) for name in at.params}
