"""Whether a model can read and predict characters, and which of its arrays are what, found from its System alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy

from derive.expressions import AxisKind, Index, Ref, refs
from derive.system import Role, System, Variable


@dataclass(frozen=True)
class Roles:
    """A model's arrays as a writer of text sees them.

    Attributes:
        read: the Input that gets a character, one-hot.
        label: the Label that is the character after it.
        predicted: the variable that the loss looks up at the label: a distribution, or logits.
        alphabet: how many characters the model is made for; None where its sizes leave that open.
        sizes: the names of the sizes that are the alphabet's.
        lags: of each state with a start that a call can give, how many steps it looks back.
    """

    read: str
    label: str
    predicted: str
    alphabet: int | None
    sizes: frozenset[str]
    lags: dict[str, int]


def character_roles(system: System) -> Roles | str:
    """The roles, or the reason why this is no model of characters, as the end of a sentence."""
    data = [variable for variable in system.variables if variable.role.is_data]
    inputs, labels = system.with_role(Role.INPUT), system.with_role(Role.LABEL)
    if len(inputs) != 1 or len(labels) != 1 or len(data) != 2:
        given = ", ".join(f"{variable.name}: {variable.role.value}" for variable in data) or "nothing"
        return f"characters need one Input and one Label, and it reads {given}"
    read, label = inputs[0], labels[0]
    if not (_is_sequence_of(read, features=1) and _is_sequence_of(label, features=0) and _same_steps(read, label)):
        return f"{read.name} and {label.name} are not a vector and a class at every step of one sequence"
    lacking = [constant.name for constant in system.with_role(Role.CONST) if constant.default is None]
    if lacking:
        return f"it needs a value for {', '.join(lacking)}"
    predicted = list(dict.fromkeys(_looked_up(system, label)))
    if len(predicted) != 1:
        return f"its loss looks up {' and '.join(predicted) or 'no prediction'} at {label.name}[t]"
    if _judged_by_neighbours(system, label):
        return f"its loss reads {label.name} also at other steps than t: it judges a character by its neighbours"
    assert label.classes is not None
    sizes = (read.axes[-1].size, label.classes)
    alphabet = _alphabet(sizes)
    if isinstance(alphabet, str):
        return alphabet
    names = frozenset(size.name for size in sizes if size.is_Symbol)
    return Roles(read.name, label.name, predicted[0], alphabet, names, _lags(system))


def _is_sequence_of(variable: Variable, features: int) -> bool:
    kinds = [axis.kind for axis in variable.axes]
    return kinds == [AxisKind.SEQUENCE] + [AxisKind.FEATURE] * features


def _same_steps(a: Variable, b: Variable) -> bool:
    return bool(a.axes[0] == b.axes[0])


def _looked_up(system: System, label: Variable) -> Iterator[str]:
    """The defined variables `p` that are read as `p[t, y[t]]`."""
    for equation in system.equations:
        for ref in refs(equation.right):
            if len(ref.subscripts) != 2 or ref.subscripts[1] != Ref(label.name, ref.subscripts[0]):
                continue
            if system.by_name[ref.name].role is Role.VAR:
                yield ref.name


def _judged_by_neighbours(system: System, label: Variable) -> bool:
    """Whether the loss, or a sum over steps that it is made of, reads the label elsewhere than at each step."""
    whole = [e for e in system.equations if not any(a.kind is AxisKind.SEQUENCE for a in system.by_name[e.target].axes)]
    read = [ref for equation in whole for ref in refs(equation.right) if ref.name == label.name]
    return any(not isinstance(ref.subscripts[0], Index) for ref in read)


def _alphabet(sizes: tuple[sympy.Expr, sympy.Expr]) -> int | str | None:
    """The number of characters that both sizes can be; None for any number; a reason where there is none."""
    numbers = {int(size) for size in sizes if size.is_Integer}
    if any(not (size.is_Integer or size.is_Symbol) for size in sizes):
        return f"its sizes {sizes[0]} and {sizes[1]} cannot both be an alphabet's"
    if len(numbers) > 1:
        return f"it reads {sizes[0]} values a step and predicts one of {sizes[1]}: not the same alphabet"
    if not numbers:
        return None
    number = numbers.pop()
    return number if number >= 2 else "an alphabet of one character has nothing to say"


def _lags(system: System) -> dict[str, int]:
    lags: dict[str, int] = {}
    for variable in system.with_role(Role.START):
        assert variable.start is not None
        if variable.start.step <= 0:  # a start at step 1 is part of the sequence, not what came before it
            lags[variable.start.of] = lags.get(variable.start.of, 0) + 1
    return lags
