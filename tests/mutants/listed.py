"""All mutants, by the part of derive that they corrupt."""

from __future__ import annotations

from tests.mutants.answers import CHECK, COMMANDS, HAND
from tests.mutants.modules import HELPERS, NUMPY
from tests.mutants.mutant import Mutant
from tests.mutants.programs import SCHEDULE
from tests.mutants.reading import INTERPRET, LANGUAGE
from tests.mutants.rules import CALCULUS, FUNCTIONS

PARTS = {
    "functions": FUNCTIONS,
    "calculus": CALCULUS,
    "schedule": SCHEDULE,
    "printer of modules": NUMPY,
    "helpers of modules": HELPERS,
    "language": LANGUAGE,
    "interpreter": INTERPRET,
    "verification": CHECK,
    "derivations by hand": HAND,
    "commands": COMMANDS,
}
MUTANTS: tuple[Mutant, ...] = tuple(mutant for mutants in PARTS.values() for mutant in mutants)
