"""The search in the child process: which changes of a person's function make which parameters' gradients right.

How much is tried is bounded by numbers of candidates; the time is bounded besides.
"""

from __future__ import annotations

import ast
import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

from .given import Given  # relative: in the child the package has another name
from .limits import OutOfTimeError, at_most
from .tracing import adding, agrees, is_known, settled, targets, traced
from .variants import CHOSEN, Function, changed

OF_A_CANDIDATE = 0.5  # seconds
TOGETHER = 1500  # candidates: where one of them mends all, no further ones are tried
_CHOSEN = 40  # of which it is asked how well the values in them are known


@dataclass
class Search:
    """A search under way.

    Attributes:
        job: what is asked, see `search`.
        arrays: the truth, bounds and known values.
        namespace: the person's module, of which the functions are changed.
        define: runs compiled code in the namespace.
        given: the arguments of the calls.
        shares: whether the function leaves its arguments alone.
    """

    job: Mapping[str, Any]
    arrays: dict[str, Any]
    namespace: dict[str, Any]
    define: Callable[[CodeType], None]
    given: Given
    shares: bool = False

    def __post_init__(self) -> None:
        """Prepare what all candidates have in common."""
        text, file, spans = self.job["text"], self.job["file"], self.job["spans"]
        self.functions = [Function(text, span, file) for span in spans]
        self.own = {name: self.namespace[name] for name in self.job["functions"]}
        names, base = self.job["names"], self.job["base"]
        self.wrong = [n for n in range(len(names)) if not base >> n & 1]
        self.right = [n for n in range(len(names)) if base >> n & 1]
        self.masks: dict[int, int] = {}

    def run(self) -> dict[str, Any]:
        """The parameters that are right with each candidate, as bits, and how many values in the best are unknown."""
        whole = (1 << len(self.job["names"])) - 1
        candidates = self.job["candidates"]
        with contextlib.suppress(OutOfTimeError), at_most(self.job["of_search"]), _silence():
            self.shares = self._leaves_alone()
            for batch in _slices(self.job["batches"]):
                self.try_all(batch)
                full = [n for n, mask in self.masks.items() if mask == whole]
                if full:
                    kinds = {candidates[n][2] for n in full}
                    self.try_all([n for n, one in enumerate(candidates) if one[2] in kinds and n not in self.masks])
                    break
        best = max((mask.bit_count() for mask in self.masks.values()), default=0) or -1
        chosen = [n for n, mask in self.masks.items() if mask.bit_count() == best][:_CHOSEN]
        unknown = {}
        for number in chosen:
            with contextlib.suppress(OutOfTimeError, Exception), at_most(OF_A_CANDIDATE), _silence():
                unknown[number] = self.unknown(candidates[number])
        return {"stage": "search", "masks": [[n, m] for n, m in self.masks.items() if m], "unknown": unknown}

    def _leaves_alone(self) -> bool:
        for point in self.job["order"]:
            try:
                with at_most(OF_A_CANDIDATE), np.errstate(all="ignore"):
                    self.namespace[self.job["function"]](*self.given.shared(point))
            except Exception as error:
                if "read-only" in str(error):
                    return False
        return True

    def try_all(self, numbers: Sequence[int]) -> None:
        """Try some candidates; those of one function together."""
        splices: dict[int, list[tuple[int, tuple[int, int, str]]]] = {}
        for number in numbers:
            self.masks[number] = 0
            function, splice, _ = self.job["candidates"][number]
            splices.setdefault(function, []).append((number, tuple(splice)))
        with np.errstate(all="ignore"):
            for function, found in splices.items():
                for versions in self.functions[function].versions(found):
                    self.define(versions.code)
                    for chosen, number in enumerate(versions.numbers):
                        self.namespace[CHOSEN] = chosen
                        self.masks[number] = self.mask()
                self.namespace |= self.own

    def mask(self) -> int:
        """The parameters that are right at every point, as bits; 0 where none is that was not before."""
        names, base = self.job["names"], self.job["base"]
        mended = self.wrong
        function = self.namespace[self.job["function"]]
        arguments = self.given.shared if self.shares else self.given.fresh
        for point in self.job["order"]:
            try:
                with at_most(OF_A_CANDIDATE):
                    returned = function(*arguments(point))
                mended = [n for n in mended if agrees(returned.get(names[n]), self.arrays, point, names[n])]
                if not mended:
                    return 0
                if not all(agrees(returned.get(names[n]), self.arrays, point, names[n]) for n in self.right):
                    return 0
            except (Exception, OutOfTimeError):
                return 0
        return int(base | sum(1 << n for n in mended))

    def unknown(self, candidate: Any) -> int:
        """How many statements of a changed file assign, at some time, what is no known gradient."""
        text, spans, names = self.job["text"], self.job["spans"], self.job["functions"]
        number, splice, _ = candidate
        first, last, line = spans[number]
        new = changed(text, spans[number], splice)
        self.define(compile(new, self.job["file"], "exec"))
        # Those of the other functions too; where lines were put in, the changed function's own come before theirs.
        tree, own = ast.parse(text), ast.parse(new)
        gone = range(line, line + text.count("\n", first, last) + 1)
        lines = {n: told for n, told in targets(tree, names).items() if n not in gone} | targets(own)
        added = {n for n in adding(tree, names) if n not in gone} | adding(own)
        records = traced(lambda: self.namespace[self.job["function"]](*self.given.fresh(0)), self.job["file"], lines)
        self.namespace |= self.own
        held = settled(records, added)
        return len({(at, name) for at, name, value in held if not is_known(value, name, self.arrays)})


def _slices(batches: Iterable[Sequence[int]]) -> Iterable[Sequence[int]]:
    for batch in batches:
        for start in range(0, len(batch), TOGETHER):
            yield batch[start : start + TOGETHER]


@contextlib.contextmanager
def _silence() -> Any:
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield
