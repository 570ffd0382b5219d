"""The bank: every small model that all stages are tested on, and what many tests ask of each, made once in a process.

The models are the zoo's and those of `tests/models` and `tests/calculus/models`. All tests of a model run one after
another (`conftest.py`), so that a worker of pytest makes its code and its reference values once.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import jinja2
import pytest
import sympy

from derive import pipeline
from derive.calculus.batch import add_batch
from derive.calculus.derivation import differentiate
from derive.calculus.trace import Traced
from derive.check.sample import prime_sizes, sample
from derive.cli.generate import generated
from derive.emit.derivation import Derivation
from derive.expressions import AxisKind
from derive.interpret import Array, Interpreter, Values, complex_step
from derive.schedule.programs import Programs
from derive.system import Role, System

HERE = Path(__file__).parent
GENERATED = HERE.parent / "generated"
FILES = [*sorted((HERE / "models").glob("*.eq")), *sorted((HERE / "calculus" / "models").glob("*.eq"))]
BANK = [*pipeline.zoo(), *map(str, FILES)]
STEPS = {False: (1, 3), True: (1, 2, 3, 5)}  # of an example alone, and of a batch


def some(names: Sequence[Any], every: int = 6) -> list[Any]:
    """Every sixth of the names, or every so many; the others in the slow run."""
    return [name if n % every == 0 else pytest.param(name, marks=pytest.mark.slow) for n, name in enumerate(names)]


def _in_styles(fast: int, plain: int) -> Any:
    """Every so many of the modules that people run, and of those for reading; the others in the slow run."""
    found = [
        pytest.param(name, style, id=f"{Path(name).stem}-{style}", marks=[] if n % every == 0 else pytest.mark.slow)
        for style, every in (("fast", fast), ("plain", plain))
        for n, name in enumerate(BANK)
    ]
    return pytest.mark.parametrize(("name", "style"), found)


bank = pytest.mark.parametrize("name", some(BANK, 3), ids=lambda name: Path(name).stem)
bank_in_styles = _in_styles(3, 9)
few_of_the_bank = _in_styles(18, 36)
some_of_the_bank = pytest.mark.parametrize("name", some(BANK), ids=lambda name: Path(name).stem)
zoo = pytest.mark.parametrize("name", some(pipeline.zoo(), 2))
some_of_the_zoo = pytest.mark.parametrize("name", some(pipeline.zoo()))


@cache
def model(name: str) -> pipeline.Model:
    """A model by its name or path, or of a text of several lines."""
    return pipeline.load(name) if "\n" not in name else pipeline.parse(name)


@cache
def derivation(name: str) -> Derivation:
    """What is printed of it, in both notations."""
    return Derivation(model(name).system, model(name).gradient().traced, ("array", "index"))


@cache
def text(name: str, style: str) -> str:
    """The text of its module; one of a file is found again by a later run that has nothing new to make it from."""
    if "\n" in name:
        return model(name).generate(style)
    if style == "fast" and name in pipeline.zoo():
        return generated(name, GENERATED, style).text
    made_by = f"python-{sys.version_info[0]}.{sys.version_info[1]}-sympy-{sympy.__version__}-jinja-{jinja2.__version__}"
    folder = HERE.parent / ".pytest_cache" / "modules" / made_by / Path(name).parent.name / style
    found = generated(name, folder, style)
    found.write(force=True)
    return found.text


@cache
def module(name: str, style: str) -> types.ModuleType:
    """Its module."""
    made = types.ModuleType(Path(name).stem)
    exec(compile(text(name, style), f"<{name} {style}>", "exec"), made.__dict__)
    return made


@cache
def programs(name: str, style: str) -> Programs:
    """Its programs."""
    return Programs(_differentiated(name), style)


@cache
def _differentiated(name: str) -> System:
    return differentiate(Traced(model(name).batched)).system


@dataclass(frozen=True)
class Case:
    """Sizes and data for a system, and what the interpreter says of them; nothing here may be written to.

    Attributes:
        system: the system as it was read, alone or with its batch.
        sizes: every size by name.
        given: an array for everything that is given.
    """

    system: System
    sizes: Mapping[str, int]
    given: Mapping[str, Array]

    @cached_property
    def values(self) -> dict[str, Values]:
        """The values of all variables."""
        return Interpreter(self.system, self.sizes).evaluate(self.given)

    @cached_property
    def truth(self) -> dict[str, Array]:
        """Every exact gradient, by the name of the variable."""
        names = [v.name for v in self.system.with_role(Role.PARAM, Role.INPUT, Role.START)]
        return complex_step(self.system, self.sizes, self.given, inputs=names)


@cache
def variants(name: str) -> tuple[bool, ...]:
    """Whether there is a batch: never and, where the model depends on data, ever."""
    read = model(name).system
    return (False,) if add_batch(read) is read else (False, True)


@cache
def case(name: str, *, batched: bool, steps: int) -> Case:
    """One case of so many steps."""
    read = model(name).system
    found = add_batch(read) if batched else read
    sizes = small(found, steps)
    given = sample(found, sizes, seed=steps)
    for array in given.values():
        array.flags.writeable = False
    return Case(found, sizes, given)


def cases(name: str, *, batched: bool) -> list[Case]:
    """A case for each number of steps, so short that starts and ends meet."""
    variables = model(name).system.variables
    has_steps = any(axis.kind is AxisKind.SEQUENCE for v in variables for axis in v.axes)
    return [case(name, batched=batched, steps=steps) for steps in (STEPS[batched] if has_steps else (3,))]


def small(system: System, steps: int) -> dict[str, int]:
    """Unequal sizes as small as a model allows: `steps` for the first sequence, one more or fewer for the next."""
    sizes = prime_sizes(system)
    kinds = {axis.name: axis.kind for v in system.variables for axis in v.axes}
    features = [name for name in sizes if kinds.get(name, AxisKind.FEATURE) is AxisKind.FEATURE]
    sequences = [name for name in sizes if kinds.get(name) is AxisKind.SEQUENCE]
    features.sort(key=sizes.__getitem__)
    away = 0 if steps == 1 else 1 if steps % 2 == 0 else -1
    return {
        **sizes,
        **({"B": 2} if "B" in sizes else {}),
        **{name: number for number, name in enumerate(features, 3)},
        **{name: max(1, steps + number * away) for number, name in enumerate(sequences)},
    }
