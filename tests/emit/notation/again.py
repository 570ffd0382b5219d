"""What was printed, read or built again, and compared with what it was printed from."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from derive.check.sample import prime_sizes, sample
from derive.emit.notation import Notation, render
from derive.emit.notation.cases import cases
from derive.expressions import Range
from derive.interpret import Values, evaluate
from derive.language import read
from derive.system import Equation, Role, System


def read_again(text: str, name: str, notation: Notation) -> tuple[System, System]:
    """A model as it is read, and as it is read from its declarations and its printed equations."""
    system = read(text, name, name)
    declared = [ast.get_source_segment(text, s) or "" for s in ast.parse(text).body if _declares(s)]
    printed = "\n".join(render(system, system.equations, notation, unicode=False))
    # Names that derive gave to parts of the model cannot be spelled in a file.
    for variable in sorted(v.name for v in system.variables if v.is_generated and "." in v.name):
        printed = re.sub(rf"(?<![\w.]){re.escape(variable)}(?![\w.])", f"{variable.replace('.', '_')}_", printed)
    return system, read("\n".join([*declared, printed]), name, name)


def _declares(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.AnnAssign):
        return True
    if not isinstance(statement, ast.Assign) or isinstance(statement.targets[0], ast.Subscript):
        return False
    value = statement.value.value if isinstance(statement.value, ast.Subscript) else statement.value
    return isinstance(value, ast.Name) and value.id in {role.value for role in Role}


def same(one: System, other: System) -> bool:
    """Whether two systems have the same equations, or at least the same values."""
    return (
        _meaning(one) == _meaning(other)
        or unequal(one, other, [v.name for v in one.with_role(Role.VAR) if not v.is_generated]) == []
    )


def _meaning(system: System) -> list[tuple[object, ...]]:
    return [(e.target, e.subscripts, e.right, e.domain, e.reduction) for e in system.equations]


def unequal(one: System, other: System, names: Sequence[str]) -> list[str]:
    """The variables that have other values in another system, on random data."""
    missing = [name for name in names if name not in other.by_name]
    sizes, wanted = prime_sizes(one), [name for name in names if name not in missing]
    given = sample(replace(one, equations=tuple(e for e in one.equations if "grad(" not in e.target)), sizes)
    here, there = evaluate(one, sizes, given, wanted), evaluate(other, sizes, given, wanted)
    return [*missing, *(name for name in wanted if not _equal(here[name], there[name]))]


def _equal(one: Values, other: Values) -> bool:
    if one.array.shape != other.array.shape or one.first != other.first:
        return False
    return np.allclose(one.array, other.array, rtol=1e-11, atol=1e-12, equal_nan=True)


def from_cases(system: System) -> System:
    """The system with every gradient defined by its printed cases, rather than by its own equations."""
    made = [e for e in system.equations if system.by_name[e.target].role is not Role.GRAD]
    for variable in system.with_role(Role.GRAD):
        for case in cases(system, variable, system.defining.get(variable.name, ())):
            ranges = tuple(Range(index, first, last) for first, index, last in case.bounds)
            inner = tuple(r for r in case.domain if r.index not in {index for _, index, _ in case.bounds})
            subscripts = (*case.steps, *case.parts)
            made.append(Equation(variable.name, subscripts, sum(case.terms), (*ranges, *inner)))
    return replace(system, equations=tuple(made))
