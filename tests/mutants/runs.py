"""Many mutants, one after the other or several at a time."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests.mutants.mutant import Mutant
from tests.mutants.trial import Outcome, Tree


def tried(
    mutants: Sequence[Mutant],
    jobs: int = 1,
    most: int | None = None,
    say: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """What becomes of each, in their order.

    Args:
        mutants: what is tried.
        jobs: how many at a time, each in a copy of the repository.
        most: how many groups of tests are asked; None for all of them.
        say: told of each outcome as soon as it is there.
    """
    with _trees(jobs, most) as trees:
        idle: queue.SimpleQueue[Tree] = queue.SimpleQueue()
        for tree in trees:
            idle.put(tree)

        def one(mutant: Mutant, ignored: Sequence[str] = ()) -> Outcome:
            tree = idle.get()
            try:
                return tree.tried(mutant, ignored)
            finally:
                idle.put(tree)

        found: list[Outcome] = []
        with ThreadPoolExecutor(jobs) as pool:
            for outcome in pool.map(one, mutants):
                say(outcome)
                found.append(outcome)
        ignored: set[str] = set()
        while touchy := trees[0].touchy((o.test for o in found), mutants) - ignored:
            ignored |= touchy
            for n, outcome in enumerate(found):
                if outcome.test in touchy:
                    found[n] = one(outcome.mutant, sorted(ignored))
                    say(found[n])
        return found


@contextmanager
def _trees(count: int, most: int | None) -> Iterator[list[Tree]]:
    """Copies of the repository, gone afterwards."""
    trees: list[Tree] = []
    try:
        for _ in range(count):
            trees.append(Tree(most))
        yield trees
    finally:
        for tree in trees:
            tree.remove()
