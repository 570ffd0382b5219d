"""What was measured: a problem's rivals with their rounds, read from and kept in JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.speed import timing
from benchmarks.speed.goals import Goal, goal
from benchmarks.speed.problems import Problem, Sizes
from benchmarks.speed.rivals import FLOOR, OURS
from benchmarks.speed.timing import Spread


@dataclass(frozen=True)
class Result:
    """A problem that was measured; `raw` is what the process said of it."""

    raw: dict[str, Any]

    @property
    def problem(self) -> Problem:
        """What was computed."""
        return Problem(self.raw["cell"], Sizes(*self.raw["sizes"]), self.raw["dtype"])

    @property
    def rivals(self) -> list[str]:
        """Those that were timed, ours among them."""
        return [name for name, found in self.raw["found"].items() if "rounds" in found]

    @property
    def absent(self) -> dict[str, str]:
        """Those that were not, and why."""
        return {name: found["absent"] for name, found in self.raw["found"].items() if "absent" in found}

    @property
    def wrong(self) -> dict[str, str]:
        """Those whose loss or gradients are not derive's."""
        return {name: found["wrong"] for name, found in self.raw["found"].items() if "wrong" in found}

    @property
    def rounds(self) -> int:
        """How many rounds there were."""
        return len(self.raw["found"][OURS]["rounds"])

    def first(self, rival: str) -> float:
        """Seconds of the first call, compiling included."""
        return float(self.raw["found"][rival]["first"])

    def seconds(self, rival: str) -> float:
        """The median."""
        return timing.median(self.raw["found"][rival]["rounds"])

    def ratio(self, rival: str) -> Spread:
        """A rival's time to ours; ours to that of its GEMMs alone."""
        ours, other = (self.raw["found"][name]["rounds"] for name in (OURS, rival))
        return timing.ratio(ours, other) if rival == FLOOR else timing.ratio(other, ours)

    def goal(self, rival: str) -> Goal | None:
        """What was wanted of that ratio."""
        return goal(self.problem.model, self.problem.sizes, rival)
