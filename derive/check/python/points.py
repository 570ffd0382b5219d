"""Where a person's code is called: random data of several sizes, the model's values there, and the true gradients.

Values and gradients come from the interpreter, which shares no code with the generated modules. Starts are random:
what is right only while `h[0]` is 0 is not right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import sympy

from derive.calculus.derivation import differentiate
from derive.calculus.trace import Traced
from derive.check import call
from derive.check.sample import prime_sizes, sample
from derive.errors import DeriveError, Fault
from derive.expressions import Axis, AxisKind, Ref
from derive.interpret import Array, Interpreter, Values
from derive.system import Equation, Role, System, Variable

PRECISION = 1e-8
# Steps and examples at each point; None keeps the size that shows transposed arrays best. One step, too: whatever is
# carried is 0 there. The first is where candidates are tried.
_VARIED: tuple[tuple[int | None, int], ...] = ((None, 2), (1, 1), (2, 1), (4, 5), (6, 4))
_FEWEST = 3


class Evaluated(Protocol):
    """What is needed of a model."""

    @property
    def name(self) -> str:
        """The model's name."""

    @property
    def batched(self) -> System:
        """The prepared system of a whole batch."""


@dataclass(frozen=True)
class Point:
    """One call's data and what is true there.

    Attributes:
        sizes: every size by name.
        params: the parameters, as the function gets them.
        data: inputs, labels and constants.
        forward: the model's variables, starts first.
        inner: values of parts of the model, that have no name in it.
        truth: the gradient of every parameter, summed over the batch.
        known: every derived gradient's array, with the least subscripts, for what is found inside the function.
        terms: what adds up to those, term by term, by the gradient's name and a number, of the gradient's shape.
        parts: by parameter, the share of each step and example, `(T, B, ...)`; of those with one such sum.
    """

    sizes: Mapping[str, int]
    params: Mapping[str, Array]
    data: Mapping[str, Array]
    forward: Mapping[str, Array]
    inner: Mapping[str, Array]
    truth: Mapping[str, Array]
    known: Mapping[str, Array]
    terms: Mapping[str, Array]
    parts: Mapping[str, Array]

    @property
    def bounds(self) -> dict[str, float]:
        """How far from the truth a gradient may be: rounding, of it and of what cancels in it."""
        sized = {name: float(np.max(np.abs(array), initial=0.0)) for name, array in self.truth.items()}
        largest = max(sized.values(), default=0.0)
        return {name: PRECISION * size + 1e-12 * (1.0 + largest) for name, size in sized.items()}


def points(model: Evaluated) -> list[Point]:
    """The points of a model, sizes, seeds and lengths varied.

    Raises:
        DeriveError: the model can be evaluated at too few of them.
    """
    system = _with_parts(differentiate(Traced(model.batched)).system)
    usual = prime_sizes(model.batched)
    sequences = {
        axis.size.name
        for variable in model.batched.variables
        for axis in variable.axes
        if axis.kind is AxisKind.SEQUENCE and axis.size.is_Symbol
    }
    found: list[Point] = []
    trouble: DeriveError | None = None
    for seed, (steps, batch) in enumerate(_VARIED):
        sizes = usual | {"B": batch} | ({} if steps is None else dict.fromkeys(sorted(sequences), steps))
        try:
            found.append(_point(model.batched, system, sizes, seed))
        except (DeriveError, ValueError, IndexError) as error:  # some models want more steps than one
            trouble = error if isinstance(error, DeriveError) else DeriveError(Fault(str(error)))
    if len(found) < _FEWEST:
        assert trouble is not None
        raise trouble
    return found


def _point(model: System, system: System, sizes: dict[str, int], seed: int) -> Point:
    given = sample(model, sizes, seed)
    at = call.arguments(model, given, sizes)
    found = Interpreter(system, sizes).evaluate(given)
    values = {name: held.array for name, held in found.items()}
    starts = {variable.name for variable in model.with_role(Role.START)} | set(call.start_keywords(model))
    params = {variable.name: variable for variable in system.with_role(Role.PARAM)}
    truth = {name: values.get(f"grad({name})", np.zeros(np.shape(at.params[name]))) for name in params}
    if not all(np.all(np.isfinite(array)) for array in truth.values()):
        raise DeriveError(Fault(f"the gradients of {model.name} are not finite on the data that were drawn"))
    return Point(
        sizes=sizes,
        params={name: np.array(array, dtype=float) for name, array in at.params.items()},
        data={name: array for name, array in at.data.items() if name not in starts},
        forward={v.name: values[v.name] for v in system.with_role(Role.VAR) if not v.is_generated},
        inner={v.name: values[v.name] for v in system.with_role(Role.VAR) if v.is_generated},
        truth=truth,
        known={v.name: values[v.name] for v in system.with_role(Role.GRAD) if v.name.startswith("grad(")},
        terms={name: _beside(found[name], found[name[5:].split(",")[0]]) for name in found if name[:5] == "term("},
        parts={name: values[f"part({name})"] for name in params if f"part({name})" in values},
    )


def _beside(term: Values, whole: Values) -> Array:
    """A term's array in the place that it has in the whole gradient's, which may begin at another step."""
    array = np.zeros(whole.array.shape)
    offsets = [t - w for t, w in zip(term.first, whole.first, strict=True)]
    array[tuple(slice(o, o + size) for o, size in zip(offsets, term.array.shape, strict=True))] = term.array
    return array


def _with_parts(system: System) -> System:
    """The system with what gradients are made of.

    That is every term of those that have several, and the share of each step and example in every parameter's, where
    it is one plain sum.
    """
    variables: list[Variable] = []
    equations: list[Equation] = []
    for gradient in system.with_role(Role.GRAD):
        own = [
            replace(e, right=t) for e in system.defining.get(gradient.name, ()) for t in sympy.Add.make_args(e.right)
        ]
        for number, equation in enumerate(own if len(own) > 1 and gradient.axes else ()):
            name = f"term({gradient.name}, {number}{', carried' * _is_carried(equation)})"
            variables.append(replace(gradient, name=name))
            equations.append(replace(equation, target=name))
    for param in system.with_role(Role.PARAM):
        name = f"grad({param.name})"
        made = [_apart(equation, f"part({param.name})") for equation in system.defining.get(name, ())]
        kept = [part for part in made if part is not None]
        if kept and len(kept) == len(made) and len({tuple(map(str, axes)) for _, axes in kept}) == 1:
            axes = kept[0][1]
            variables.append(replace(system.by_name[name], name=f"part({param.name})", axes=(*axes, *param.axes)))
            equations += [equation for equation, _ in kept]
    return replace(system, variables=system.variables + tuple(variables), equations=system.equations + tuple(equations))


def _is_carried(equation: Equation) -> bool:
    """Whether a gradient's term comes from another step: it reads a gradient elsewhere along a sequence."""
    sequential = {b.index for b in equation.domain if b.axis.kind is AxisKind.SEQUENCE}
    own = {subscript for subscript in equation.subscripts if subscript.free_symbols & sequential}
    read = (ref for ref in equation.right.atoms(Ref) if ref.name.startswith("grad("))
    return any(s.free_symbols & sequential and s not in own for ref in read for s in ref.subscripts)


def _apart(equation: Equation, name: str) -> tuple[Equation, tuple[Axis, ...]] | None:
    """An equation of a parameter's gradient with its sum over steps and examples left apart, and those axes."""
    held = {symbol for subscript in equation.subscripts for symbol in subscript.free_symbols}
    summed = [b for b in equation.domain if b.index not in held and b.axis.kind is not AxisKind.FEATURE]
    kinds = [bounds.axis.kind for bounds in summed]
    if sorted(kinds, key=str) != sorted((AxisKind.SEQUENCE, AxisKind.BATCH), key=str):
        return None
    summed.sort(key=lambda bounds: bounds.axis.kind is AxisKind.BATCH)
    subscripts = (*(bounds.index for bounds in summed), *equation.subscripts)
    return replace(equation, target=name, subscripts=subscripts), tuple(bounds.axis for bounds in summed)
