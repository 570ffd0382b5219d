"""What a run found: how many models of what, the worst error of each property, what was discarded, what failed."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.checks import BOUND

DISCARDED = 0.05  # the most that may be discarded


@dataclass
class Failure:
    """A property that does not hold of a model.

    Attributes:
        kind: what is alike in all failures of one cause.
        message: what was found.
        text: the smallest model that was found.
        file: where it was written.
    """

    kind: str
    message: str
    text: str
    file: str = ""

    def write(self, folder: Path, number: int) -> None:
        """Write the model, with what fails in comments above it."""
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"\W+", "_", self.kind).strip("_")[:60]
        said = [line for part in self.message.splitlines() for line in textwrap.wrap(part, 117)]
        path = folder / f"{number:03}_{name}.eq"
        path.write_text("\n".join([*(f"# {line}" for line in said), self.text]), encoding="utf-8")
        self.file = str(path)


@dataclass
class Report:
    """All that a run found so far.

    Attributes:
        models: how many models were checked, those that were discarded and those that failed among them.
        discarded: how many were, by the reason.
        constructs: how many models have each construct of the language.
        errors: the worst relative error of each property.
        compared: how many models each property was compared on.
        seconds: how long each model took, together and by property.
        kinds: how many failures there are of each kind.
        failures: those that were shrunk.
        elapsed: how long the run took.
    """

    models: int = 0
    discarded: Counter[str] = field(default_factory=Counter)
    constructs: Counter[str] = field(default_factory=Counter)
    errors: dict[str, float] = field(default_factory=dict)
    compared: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    elapsed: float = 0.0

    def add(self, told: Mapping[str, Any]) -> None:
        """Take in what a worker tells of one model."""
        self.models += 1
        self.constructs.update(told["constructs"])
        self.longest = max(self.longest, told["seconds"])
        self.seconds["model"] += told["seconds"]
        self.seconds.update(told["properties"])
        for rule, error in told["errors"].items():
            self.errors[rule] = max(error, self.errors.get(rule, 0.0))
            self.compared[rule] += 1
        if told["discarded"]:
            self.discarded[told["discarded"]] += 1
        if told.get("failed"):
            self.kinds[told["failed"]] += 1

    @property
    def ok(self) -> bool:
        """Whether nothing failed, and enough was checked."""
        return bool(self.models) and not self.kinds and self.share <= DISCARDED

    @property
    def share(self) -> float:
        """The share of models that were discarded."""
        return self.discarded.total() / max(self.models, 1)

    @property
    def line(self) -> str:
        """How far it is."""
        said = f"{self.models} models, {self.discarded.total()} discarded, {self.kinds.total()} failed"
        return f"{said}, {self.elapsed / 60:.1f} min"

    def __str__(self) -> str:
        """The report for a person."""
        per_model = self.seconds["model"] / max(self.models, 1)
        parts = [
            f"{self.models} random models in {self.elapsed / 60:.1f} minutes, {per_model:.2f} s each on one core, "
            f"the longest {self.longest:.1f} s",
            f"discarded: {self.discarded.total()} ({self.share:.1%}, at most {DISCARDED:.0%})",
            *(f"    {count:6}  {reason}" for reason, count in self.discarded.most_common()),
            f"worst relative error of each property (at most {BOUND:.0e}), on how many models, seconds a model",
            *(
                f"    {rule:16} {self.errors[rule]:8.1e} {self.compared[rule]:7} "
                f"{self.seconds[rule] / max(self.models, 1):7.3f}"
                for rule in self.errors
            ),
            f"models with each of {len(self.constructs)} constructs of the language",
            *(f"    {count:6}  {name}" for name, count in self.constructs.most_common()),
            f"failures: {self.kinds.total()} models, {len(self.kinds)} kinds",
        ]
        for kind, count in self.kinds.most_common():
            parts.append(f"    {count:6}  {kind}")
            parts += [f"            {failure.file}" for failure in self.failures if failure.kind == kind]
        return "\n".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """The report for a program."""
        return {
            "models": self.models,
            "discarded": dict(self.discarded),
            "errors": self.errors,
            "compared": dict(self.compared),
            "constructs": dict(self.constructs.most_common()),
            "seconds": self.elapsed,
            "longest": self.longest,
            "kinds": dict(self.kinds),
            "failures": [vars(failure) for failure in self.failures],
            "ok": self.ok,
        }
