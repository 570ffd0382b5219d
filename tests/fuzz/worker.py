"""A chunk of random models, in a process of its own: what it does is told in lines of JSON.

python -m tests.fuzz.worker '{"seed": 0, "models": 100, "shrink_s": 60, "known": {}}'
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from tests.fuzz.cases import DiscardedError
from tests.fuzz.checks import BYTES, Elsewhere, FailedError, check
from tests.fuzz.elsewhere import elsewhere
from tests.fuzz.models import constructs, models

SHRUNK = 3  # failures of one kind that are shrunk; more of them are counted
MEMORY = 6 << 30


class EnoughError(BaseException):
    """Stops Hypothesis where it would go on shrinking."""


def tell(event: str, **more: Any) -> None:
    """A line for the process that reads."""
    print(json.dumps({"event": event, **more}), flush=True)


@dataclass
class Chunk:
    """Models of one seed.

    Attributes:
        models: how many there are to check.
        shrink_s: for how long a failure is shrunk.
        known: how many failures there have been of each kind.
    """

    models: int
    shrink_s: float
    known: Counter[str]
    make: Elsewhere
    seen: set[str] = field(default_factory=set)
    failed: FailedError | None = None
    smallest: str = ""
    until: float = 0.0
    kinds: dict[str, str] = field(default_factory=dict)

    def run(self, number: int) -> None:
        """Check models until there are enough; a failure is shrunk, and then it goes on with other models."""
        turn = 0
        while len(self.seen) < self.models and turn < 30:
            self.failed, self.smallest, self.kinds = None, "", {}
            try:
                self._search(number + turn)
            except (FailedError, EnoughError):
                pass
            if self.failed is not None:
                tell(
                    "failure",
                    kind=self.failed.kind,
                    rule=self.failed.rule,
                    message=str(self.failed),
                    text=self.smallest,
                )
            turn += 1

    def _search(self, number: int) -> None:
        @seed(number)
        @settings(
            max_examples=self.models, database=None, deadline=None, phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck), report_multiple_bugs=False, verbosity=Verbosity.quiet,
            print_blob=False,
        )  # fmt: skip
        @given(models())
        def each(text: str) -> None:
            if self.failed is None:
                self._first(text)
            else:
                self._smaller(text)

        each()

    def _first(self, text: str) -> None:
        """Check a model that Hypothesis generated."""
        if text in self.seen:
            return
        if len(self.seen) >= self.models:
            raise EnoughError
        self.seen.add(text)
        begun = time.monotonic()
        tell("start", text=text)
        told: dict[str, Any] = {"errors": {}, "properties": {}, "discarded": ""}
        try:
            outcome = check(text, self.make)
            told |= {"errors": outcome.errors, "properties": outcome.seconds}
        except DiscardedError as reason:
            told["discarded"] = str(reason)
        except FailedError as error:
            self.known[error.kind] += 1
            told["failed"] = error.kind
            if self.known[error.kind] <= SHRUNK:
                self.failed, self.smallest, self.until = error, text, time.monotonic() + self.shrink_s
                self.kinds[text] = error.kind
                raise
        finally:
            tell("model", seconds=time.monotonic() - begun, constructs=sorted(constructs(text)), **told)

    def _smaller(self, text: str) -> None:
        """Check a smaller model, as long as there is time; it must fail in the same way."""
        assert self.failed is not None
        if time.monotonic() > self.until:
            raise EnoughError
        if text not in self.kinds:
            tell("shrink", text=text)
            self.kinds[text] = ""
            try:
                check(text, self.make if self.failed.rule == BYTES else None)
            except DiscardedError:
                pass
            except FailedError as error:
                self.kinds[text] = error.kind
                if error.kind == self.failed.kind and _size(text) <= _size(self.smallest):
                    self.failed, self.smallest = error, text
        if self.kinds[text] == self.failed.kind:
            raise self.failed


def _size(text: str) -> tuple[int, int]:
    return len(text.splitlines()), len(text)


def main(words: Iterable[str]) -> None:
    """Check one chunk."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    np.seterr(all="warn", under="ignore")
    (asked,) = map(json.loads, words)
    with elsewhere() as make:
        Chunk(asked["models"], asked["shrink_s"], Counter(asked["known"]), make).run(asked["seed"])
    tell("end")


if __name__ == "__main__":
    main(sys.argv[1:])
