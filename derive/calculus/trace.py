"""What became what: every pass over a system's equations is recorded, target by target.

In comes a system, a named pass, and what was recorded before; out comes the new system with the steps that changed it.
The printed derivation is made from these steps alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from derive.system import Equation, System

Pass = Callable[[System], System]


@dataclass(frozen=True)
class Step:
    """One rule applied to the equations of one variable.

    Attributes:
        rule: name of the pass, in words ("move the domain", "reuse forward values").
        target: the variable whose equations changed.
        before: its equations before; empty where the rule made the variable.
        after: its equations after; empty where the rule removed it.
    """

    rule: str
    target: str
    before: tuple[Equation, ...]
    after: tuple[Equation, ...]


@dataclass(frozen=True)
class Traced:
    """A system and how it came to be."""

    system: System
    steps: tuple[Step, ...] = ()

    def then(self, rule: str, run: Pass) -> Traced:
        """The system after one more pass, with what the pass changed."""
        after = run(self.system)
        if after is self.system:
            return self
        old, new = self.system.defining, after.defining
        targets = list(dict.fromkeys((*old, *new)))
        changed = tuple(
            Step(rule, target, old.get(target, ()), new.get(target, ()))
            for target in targets
            if old.get(target, ()) != new.get(target, ())
        )
        return replace(self, system=after, steps=self.steps + changed)
