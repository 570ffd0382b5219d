"""What a model under construction has: names, sizes, declarations; and where an expression stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from hypothesis import strategies as st

from tests.fuzz.models.text import Expr, Shape, Size, literal, named

Thing = TypeVar("Thing")

SEQUENCES = ("T", "S", "K")
FEATURES = ("n_h", "n_x", "n_k")
INDICES = ("i", "j", "l", "m", "q", "r1", "i2", "j2", "l2", "m2", "q2")
NAMES = {
    "Input": ("x", "z", "u", "x_2", "inputs", "data", "X", "e1", "B1"),
    "Target": ("y", "goal", "y_2", "y_3"),
    "Label": ("c", "label", "c_2", "c_3"),
    "Index": ("w", "word", "left", "right", "w_2", "w_3"),
    "Param": (
        "W", "U", "V", "b", "R", "P", "Q", "A", "beta", "lam", "gamma", "E", "N", "I", "D", "M1", "W_1", "W_2", "O",
        "F", "H", "G", "Z", "b_1", "b_2", "W_3", "b_3", "W_4", "b_4", "out", "np", "grad_h", "work",
    ),
    "Const": ("dt", "tau", "kappa", "eta", "mu"),
    "Var": (
        "h", "a", "g", "o", "yhat", "d", "f", "p", "v", "n", "e", "alpha", "C", "Y", "h_2", "a_2", "g_2", "o_2", "p_2",
        "v_2", "f_2", "d_2", "e_2", "h_3", "a_3", "g_3", "o_3", "p_3", "v_3", "f_3", "d_3", "e_3", "h_4", "a_4",
    ),
    "helper": ("gate", "mix", "affine", "part", "pick"),
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """A variable that an expression may read.

    Attributes:
        name: as the file spells it.
        role: its role.
        sequences: the lengths of its sequences.
        shape: its feature sizes.
        before: in each sequence, how many steps before the first have a value (-1: not even the first has).
        behind: in each sequence, how many steps behind the last have one.
        large: about how large its entries get.
        classes: what an integer counts, None for real ones.
        varies: whether it is random by itself.
    """

    name: str
    role: str
    sequences: tuple[str, ...] = ()
    shape: Shape = ()
    before: tuple[int, ...] = ()
    behind: tuple[int, ...] = ()
    large: float = 1.0
    classes: Size | None = None
    varies: bool = False

    @property
    def is_data(self) -> bool:
        return self.role in ("Input", "Target", "Label", "Index")


@dataclass(frozen=True)
class Step:
    """An index over a sequence.

    Attributes:
        name: as the file spells it.
        sequence: the sequence's length.
        low: its least value.
        high: its greatest value, relative to the end.
        bounded: whether its range depends on another index.
    """

    name: str
    sequence: str
    low: int = 1
    high: int = 0
    bounded: bool = False


@dataclass(frozen=True)
class Pending:
    """A variable that is being defined, where it may be read already: its text with steps, its shape."""

    text: str
    shape: Shape
    large: float


@dataclass(frozen=True)
class Scope:
    """Where an expression stands.

    Attributes:
        steps: the indices over sequences.
        features: the feature indices, with their sizes.
        pending: what of the variables under definition may be read.
        locals: what stands for arrays: a helper's parameters and lines.
        strict: whether a look-up may not be none here (under a log, in a denominator).
        data: whether data may be read.
    """

    steps: tuple[Step, ...] = ()
    features: tuple[tuple[str, Size], ...] = ()
    pending: tuple[Pending, ...] = ()
    locals: tuple[tuple[str, Shape, float], ...] = ()
    strict: bool = False
    data: bool = True

    def with_step(self, step: Step) -> Scope:
        return replace(self, steps=(*self.steps, step))

    def with_feature(self, name: str, size: Size) -> Scope:
        return replace(self, features=(*self.features, (name, size)))

    @property
    def taken(self) -> set[str]:
        """The names of its indices."""
        return {step.name for step in self.steps} | {name for name, _ in self.features}


@dataclass
class Builder:
    """A model under construction."""

    draw: Callable[[st.SearchStrategy[Any]], Any]
    declarations: list[str] = field(default_factory=list)
    equations: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)
    helpers: list[Any] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    sequences: tuple[str, ...] = ()
    shared: bool = True  # whether parameters may be used more than once
    busy: int = 0  # expressions made so far
    budget: int = 60

    # --- choices -------------------------------------------------------------------------------------------------

    def pick(self, options: Sequence[Thing]) -> Thing:
        """One of them; a smaller example has an earlier one."""
        return self.draw(st.sampled_from(list(options))) if len(options) > 1 else options[0]

    def chance(self, of: int) -> bool:
        """Yes once in so many times; a smaller example has no."""
        return self.draw(st.integers(0, of - 1)) == of - 1

    def whole(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def number(self) -> float | int:
        return self.pick((0.5, 2, 0.1, 1, -1, 0.3, 1.5, 3, 0.7, -0.4))

    # --- names ---------------------------------------------------------------------------------------------------

    def fresh(self, kind: str) -> str:
        """A name that is not in use, most often the next of its kind."""
        free = [name for name in NAMES[kind] if name not in self.names]
        name = free[self.whole(0, min(3, len(free) - 1))] if free else f"{kind.lower()}_{len(self.names)}"
        self.names.add(name)
        return name

    def index(self, scope: Scope) -> str:
        """A feature index that is not in use here; others may use it."""
        free = [name for name in INDICES if name not in scope.taken and name not in self.names]
        return free[0]

    def step_name(self, sequence: str, scope: Scope) -> str:
        """An index over a sequence that is not in use here."""
        stem = sequence.lower()
        return next(n for n in (stem, *(f"{stem}{k}" for k in range(1, 9))) if n not in scope.taken)

    # --- sizes ---------------------------------------------------------------------------------------------------

    def size(self) -> Size:
        """A feature size."""
        kind = self.whole(0, 11)
        if kind < 8:
            return named(FEATURES[(0, 0, 0, 1, 1, 2, 0, 1)[kind]])
        if kind == 8:
            return literal(self.pick((2, 3, 1)))
        if kind == 9:
            return named("n_h", 2)
        return named("n_h") + (named("n_x") if kind == 10 else literal(1))

    def shape(self, most: int = 2) -> Shape:
        rank = self.pick((1, 1, 1, 0, 2, 1))
        return tuple(self.size() for _ in range(min(rank, most)))

    # --- declarations --------------------------------------------------------------------------------------------

    def declare(self, known: Known, default: str = "") -> Known:
        """Enter what is given."""
        sizes = [*known.sequences, *(size.text for size in known.shape)]
        sizes += [known.classes.text] if known.classes else []
        brackets = f"[{', '.join(sizes)}]" if sizes else ""
        self.declarations.append(f"{known.name}: {known.role}{brackets}" + (f" = {default}" if default else ""))
        self.known.append(known)
        return known

    def param(self, shape: Shape) -> Known:
        """A parameter of a shape, an old one or a new one."""
        old = [k for k in self.known if k.role == "Param" and k.shape == shape]
        if old and self.shared and self.chance(2):
            return self.pick(old)
        default = self.pick(("1", "0.5", "-0.3")) if self.chance(9) else ""
        return self.declare(Known(self.fresh("Param"), "Param", (), shape, large=1.0, varies=True), default)

    def constant(self, shape: Shape) -> Known:
        old = [k for k in self.known if k.role == "Const" and k.shape == shape]
        if old and self.chance(2):
            return self.pick(old)
        default = self.pick(("0.5", "", "0.9")) if not shape else ""
        if len(shape) == 1 and shape[0].is_number and self.chance(2):
            default = str([round(0.4 * n + 0.5, 1) for n in range(shape[0].number)])
        return self.declare(Known(self.fresh("Const"), "Const", (), shape, large=1.3), default)

    def data(self, sequences: tuple[str, ...], shape: Shape, role: str = "Input") -> Known:
        """Real data of a shape."""
        old = [k for k in self.known if k.role == role and k.sequences == sequences and k.shape == shape]
        if old and self.chance(2):
            return self.pick(old)
        zeros = (0,) * len(sequences)
        return self.declare(Known(self.fresh(role), role, sequences, shape, zeros, zeros, 2.0, varies=True))

    def integers(self, sequences: tuple[str, ...], classes: Size, role: str = "Label") -> Known:
        """Integer data, of so many classes."""
        old = [k for k in self.known if k.role == role and k.sequences == sequences and k.classes == classes]
        if old and not self.chance(3):
            return self.pick(old)
        zeros = (0,) * len(sequences)
        return self.declare(Known(self.fresh(role), role, sequences, (), zeros, zeros, classes=classes))

    def define(self, known: Known, *equations: str) -> Known:
        """Enter a variable with its equations."""
        self.equations += equations
        self.known.append(known)
        return known


def steps_of(scope: Scope) -> tuple[str, ...]:
    """The names of the indices of a scope, the sequences' first."""
    return tuple(step.name for step in scope.steps)


def bracketed(name: str, subscripts: Sequence[str]) -> str:
    return f"{name}[{', '.join(subscripts)}]" if subscripts else name


def leaf(text: str, large: float = 1.0, *, varies: bool = False) -> Expr:
    return Expr(text, large, varies=varies)
