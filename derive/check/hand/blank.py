"""The left sides of a model's gradient, to be filled in by hand."""

from __future__ import annotations

import re

from derive.check.hand.vocabulary import Checkable
from derive.emit.notation import render
from derive.system import Role

_LEFT = re.compile(r"(?P<left>grad\((?P<name>[\w.]+).*?\)) = .*?(?P<where>, [^()]*[<>=][^()]*)?$")


def blank_lines(model: Checkable) -> list[str]:
    """A line `grad(h[t]) = ..., t < T` for each gradient that a person would derive, in the order of the derivation."""
    system = model.gradient().system
    asked = {v.name for v in model.system.variables if v.role in (Role.PARAM, Role.VAR) and not v.is_generated}
    gradients = {variable.name for variable in system.with_role(Role.GRAD)}
    lines: list[str] = []
    for text in render(system, [e for e in system.equations if e.target in gradients], unicode=False):
        found = _LEFT.match(text)
        if found and found["name"] in asked - {"loss"}:
            lines.append(f"{found['left']} = ...{found['where'] or ''}")
    return list(dict.fromkeys(lines))
