"""Along which arrows a gradient comes back: read from the derived system, not assumed."""

from __future__ import annotations

from derive.calculus.derivation import differentiate, prepare
from derive.calculus.trace import Traced
from derive.emit.graph.units import Network, Unit
from derive.errors import DeriveError
from derive.expressions import refs
from derive.system import Equation

CHAIN_RULE = "chain rule"


class Flow:
    """Between which units a gradient flows.

    Args:
        network: the units.
        traced: the system with its gradient; it is derived where it is not given.
    """

    def __init__(self, network: Network, traced: Traced | None = None) -> None:
        """Looks through the gradient's equations as the chain rule made them: later passes put some into others."""
        self.network = network
        self.made: dict[str, tuple[Equation, ...]] = {}
        try:
            whole = traced or differentiate(prepare(network.system))
        except DeriveError:
            return  # The loss depends on nothing that has a gradient.
        self.made = {name: found for name, found in whole.system.defining.items() if name.startswith("grad(")}
        self.made |= {step.target: step.after for step in whole.steps if step.rule == CHAIN_RULE and step.after}

    def returns(self, source: str, target: str) -> bool:
        """Whether a gradient comes from the target of an arrow to its source."""
        mine = self._gradients(self.network.units[source])
        theirs = self._gradients(self.network.units[target]) or {f"grad({target})"}
        return self.has(source) and bool(self._reached(mine) & theirs)

    def has(self, name: str) -> bool:
        """Whether a unit that is no data and not the loss has a gradient."""
        unit = self.network.units[name]
        return unit.kind in ("hidden", "output") and bool(self._gradients(unit))

    def _gradients(self, unit: Unit) -> set[str]:
        """The gradients that were made of a unit's variables."""
        return {f"grad({name})" for name in unit.members} & self.made.keys()

    def _reached(self, mine: set[str]) -> set[str]:
        """The gradients of drawn variables that some are made of, through those of variables that are not drawn."""
        drawn = {f"grad({name})" for name in self.network.unit_of}
        waiting, seen, found = list(mine), set[str](), set[str]()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                read = {ref.name for equation in self.made.get(name, ()) for ref in refs(equation.right)}
                found |= {other for other in read if other.startswith("grad(")}
                waiting += [other for other in read - drawn if other.startswith("grad(")]
        return found
