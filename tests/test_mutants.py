"""The listed corruptions of derive itself still fit it, and the tests catch some that stand for all.

`python -m tests.mutants` tries all of them; `tests/mutants/TABLE.md` has its answer.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mutants import table
from tests.mutants.listed import MUTANTS, PARTS
from tests.mutants.mutant import ROOT, Mutant
from tests.mutants.trial import Outcome, Tree

# One of each kind, which its own tests catch at once.
SHOWN = (
    "slope of cos",
    "a term dropped",
    "peeled short",
    "minus lost in place",
    "not transposed",
    "compared with itself",
)


def test_every_mutant_fits_its_file() -> None:
    sources = {mutant.file: mutant.source() for mutant in MUTANTS}
    faults = [f"{m.name}: {fault}" for m in MUTANTS if (fault := m.fault(sources[m.file]))]
    assert not faults, "\n".join(faults)


def test_a_mutant_that_does_not_fit_is_told() -> None:
    mutant = Mutant("", "", "here.py", "a + b", "a - ")
    assert "0 times" in mutant.fault("c")
    assert "2 times" in mutant.fault("a + b + (a + b)")
    assert "no Python" in mutant.fault("c = a + b")
    assert not Mutant("", "", "here.py", "a + b", "a - b").fault("c = a + b")


def test_names_are_unique_and_files_have_tests() -> None:
    names = [mutant.name for mutant in MUTANTS]
    assert len(set(names)) == len(names) >= 60
    missing = {name for mutant in MUTANTS for name in mutant.first if not (ROOT / name).is_file()}
    assert not missing


def test_the_table_has_every_mutant_and_all_are_caught() -> None:
    said = table.caught_by(table.PATH.read_text(encoding="utf-8"))
    assert list(said) == [mutant.name for mutant in MUTANTS]
    assert not [name for name, test in said.items() if test == table.MISSING]


def test_the_table_says_what_survives_and_keeps_what_was_not_tried() -> None:
    outcomes = [Outcome(mutant, "tests/test_x.py::test_y[a|b]", 1.0) for mutant in MUTANTS]
    outcomes[0] = Outcome(MUTANTS[0], "", 1.0)
    found = table.text(outcomes)
    assert f"{len(MUTANTS) - 1} of {len(MUTANTS)} are caught" in found
    assert found.count(table.MISSING) == 1 and "test_y[a\\|b]" in found
    assert all(f"## {part.capitalize()}" in found for part in PARTS)
    assert table.text([], found) == found
    assert f"{len(MUTANTS)} of {len(MUTANTS)} are caught" in table.text([Outcome(MUTANTS[0], "x", 1.0)], found)


@pytest.fixture(scope="module")
def tree() -> Iterator[Tree]:
    made = Tree(most=1)
    yield made
    made.remove()


@pytest.mark.slow
@pytest.mark.parametrize("name", SHOWN)
def test_some_are_caught(tree: Tree, name: str) -> None:
    outcome = tree.tried(next(mutant for mutant in MUTANTS if mutant.name == name))
    assert outcome.caught, table.line(outcome)


@pytest.mark.slow
def test_what_changes_nothing_is_not_caught(tree: Tree) -> None:
    harmless = Mutant(
        "", "", "derive/calculus/terms.py", "return [] if expression == 0 else", "return [] if 0 == expression else"
    )
    outcome = tree.tried(harmless)
    assert not outcome.caught and not outcome.fault, table.line(outcome)
