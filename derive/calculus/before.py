"""Given data before its first step, as the reader left it, and as a state holds it.

The reader continues data by generated variables: `x.padded[0]` is 0 or what the file says, `x.padded[t]` is `x[t]`; and
of a look-up with a start, `E[y[t-1]]` with `y[0] = 2`, it makes a variable that is `E[2]` at step 0.
"""

from __future__ import annotations

from dataclasses import replace

import sympy

from derive.expressions import Axis, Index, Range, Ref, refs
from derive.system import Equation, Role, System, Variable


def copies(system: System, axis: Axis) -> dict[str, str]:
    """The generated variables that continue given data outside of its steps, and that data."""
    found: dict[str, str] = {}
    for name, equations in system.defining.items():
        variable = system.by_name[name]
        general = [e for e in equations if any(isinstance(s, Index) and s.axis == axis for s in e.subscripts)]
        if not variable.is_generated or axis not in variable.axes or len(general) != 1:
            continue
        right = general[0].right
        if isinstance(right, Ref) and right.subscripts == general[0].subscripts:
            if system.by_name[right.name].role.is_data:
                found[name] = right.name
    return found


def answers_begun(system: System, axis: Axis) -> System:
    """The system in which an answer that the file says for before the first step is looked up like the others.

    The reader makes of `E[y[t-1]]` with `y[0] = 2` a variable that is `E[2]` at step 0 and `E[y[t]]` after it; here it
    is `E[y.padded[t-1]]`, where `y.padded[0]` is 2.
    """
    made: dict[str, tuple[Variable, tuple[Equation, ...]]] = {}
    inside: dict[str, Equation] = {}
    for name, equations in system.defining.items():
        found = _begun(system, axis, equations) if system.by_name[name].is_generated else None
        if found is None or (found[1].name in made and made[found[1].name] != found[1:]):
            continue
        inside[name], padded, said = found
        made[padded.name] = (padded, said)
    if not inside:
        return system

    def put(expression: sympy.Expr) -> sympy.Expr:
        if isinstance(expression, Ref) and expression.name in inside:
            general = inside[expression.name]
            values = dict(zip(general.subscripts, expression.subscripts, strict=True))
            return general.right.xreplace(values)
        inner = [put(a) if isinstance(a, sympy.Expr) else a for a in expression.args]
        return expression.func(*inner) if expression.args else expression

    kept = [replace(e, right=put(e.right)) for e in system.equations if e.target not in inside]
    variables = [v for v in system.variables if v.name not in inside]
    padded_variables = [variable for variable, _ in made.values()]
    said_first = [e for _, said in made.values() for e in said]
    return replace(system, variables=(*variables, *padded_variables), equations=(*said_first, *kept))


def _begun(
    system: System, axis: Axis, equations: tuple[Equation, ...]
) -> tuple[Equation, Variable, tuple[Equation, ...]] | None:
    """A look-up by data with starts: its general equation, and the data continued before the first step."""
    running = [e for e in equations if e.subscripts]
    general = [e for e in running if isinstance(e.subscripts[0], Index) and e.subscripts[0].axis == axis]
    starts = [e for e in running if e.subscripts[0].is_Integer]
    if len(general) != 1 or len(starts) != len(equations) - 1 or not starts:
        return None
    (whole,) = general
    step = whole.subscripts[0]
    looked = {r for r in refs(whole.right) if system.by_name[r.name].classes is not None and r.subscripts[0] == step}
    if len(looked) != 1 or any(step in r.subscripts for r in refs(whole.right) if r not in looked):
        return None
    (data,) = looked
    variable = system.by_name[data.name]
    padded = replace(variable, name=f"{data.name}.padded", role=Role.VAR, comment="", place=None)
    said = []
    for start in starts:
        at = dict(zip(whole.subscripts[1:], start.subscripts[1:], strict=True))
        right = whole.right.xreplace(at)
        values = [n for n in start.right.atoms(sympy.Integer) if right.xreplace({data: n}) == start.right]
        if len(values) != 1:
            return None
        domain = tuple(r for r in start.domain if r.index in data.subscripts)
        said.append(Equation(padded.name, (start.subscripts[0], *data.subscripts[1:]), values[0], domain))
    domain = tuple(Range.whole(r.index) for r in whole.domain if r.index in data.subscripts)
    said.append(Equation(padded.name, data.subscripts, data, domain))
    moved = replace(whole, right=whole.right.xreplace({data: Ref(padded.name, *data.subscripts)}))
    return moved, padded, tuple(said)
