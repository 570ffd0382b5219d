"""What the names of a file mean: sizes, sequences, variables and their shapes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import sympy

from derive.affine import when_long
from derive.expressions import Axis, AxisKind, size_symbol
from derive.functions import TABLE
from derive.language import bounds
from derive.language.syntax import File, Helper, Statement
from derive.system import Variable

ELEMENTWISE = tuple(name for name, made in TABLE.items() if made.row.in_language)
OF_ARRAYS = (
    "softmax", "logsoftmax", "logsumexp", "dot", "outer", "diag", "eye",
    "norm2", "sum", "mean", "max", "concat", "onehot",
)  # fmt: skip
FUNCTIONS = frozenset((*ELEMENTWISE, *OF_ARRAYS))
RESERVED = frozenset(
    "params forward state lengths wrt rng workspace window checkpoint truth steps".split()
)  # arguments of the generated functions
CONSTANTS = {"pi": sympy.pi, "inf": sympy.oo}

Shape = tuple[Axis, ...]
Key = tuple[sympy.Expr | None, ...]  # for each sequence the literal step of an equation, None where it has an index


@dataclass
class Defined:
    """A variable that equations define.

    Attributes:
        name: its name.
        sequences: its sequence axes.
        general: the equation that holds at every step, or the only one.
        starts: the equations with a literal step, by their steps.
    """

    name: str
    sequences: Shape = ()
    general: Statement | None = None
    starts: dict[Key, Statement] = field(default_factory=dict)

    @property
    def statements(self) -> list[Statement]:
        """All its equations, starts first."""
        general = [self.general] if self.general is not None else []
        return [*self.starts.values(), *general]

    def key(self, statement: Statement) -> Key:
        """The literal steps of one of its equations."""
        found = (key for key, start in self.starts.items() if start is statement)
        return next(found, (None,) * len(self.sequences))

    def literals(self, position: int) -> list[sympy.Expr]:
        """The literal steps of its starts in one of its sequences, those before the others first, in order."""
        found = {key[position] for key in self.starts if key[position] is not None}
        return sorted((step for step in found if step is not None), key=when_long)

    def reach(self, position: int) -> tuple[sympy.Expr, sympy.Expr]:
        """The steps of one sequence at which its equations with an index there hold.

        They are those behind the last start, or, from right to left, before the first one, and never outside of the
        sequence.
        """
        size = self.sequences[position].size
        first, last = sympy.Integer(1), size
        for step in self.literals(position):
            if step.is_Integer:
                first = max(first, step + 1)
            else:
                last = size + min(last - size, step - 1 - size)
        return first, last

    @property
    def named(self) -> int:
        """How many feature indices its general equation names on the left."""
        return len(self.general.subscripts) - len(self.sequences) if self.general is not None else 0


@dataclass
class Symbols:
    """The names of a file.

    Attributes:
        file: its statements.
        sizes: sizes by name, sequences too.
        variables: declared variables by name.
        defined: variables that equations define, in the order of their general equations.
        shapes: feature axes of each variable, as far as known.
        data_starts: the equations that say what given data are before their first step.
        most: how many parts expressions may have together, helpers expanded.
        work: how many parts were read.
    """

    file: File
    sizes: dict[str, sympy.Symbol] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    defined: dict[str, Defined] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    data_starts: dict[str, dict[int, Statement]] = field(default_factory=dict)
    most: int = bounds.PARTS_A_LINE
    work: int = 0

    @property
    def helpers(self) -> dict[str, Helper]:
        """The helpers by name."""
        return self.file.helpers

    def is_variable(self, name: str) -> bool:
        """Whether a name is declared or defined as a variable."""
        return name in self.variables or name in self.defined

    def sequences(self, name: str) -> Shape:
        """The sequence axes of a variable."""
        if name in self.variables:
            return self.sequences_declared(name)
        return self.defined[name].sequences

    def sequences_declared(self, name: str) -> Shape:
        """The sequence axes that a declaration gives."""
        return tuple(axis for axis in self.variables[name].axes if axis.kind is AxisKind.SEQUENCE)

    def features(self, name: str) -> Shape | None:
        """The feature axes of a variable, None while they are open."""
        return self.shapes.get(name)

    def is_integer(self, name: str) -> bool:
        """Whether a variable holds whole numbers."""
        return name in self.variables and self.variables[name].role.is_integer

    def is_data(self, name: str) -> bool:
        """Whether a variable is given data over a sequence, so that it has nothing outside of it."""
        return name in self.variables and self.variables[name].role.is_data and bool(self.sequences(name))

    def is_length(self, size: sympy.Expr) -> bool:
        """Whether a size is the length of a sequence, so that integer data of that many values holds its nodes."""
        return any(is_sequence(name) and symbol == size for name, symbol in self.sizes.items())

    def sequence_of(self, index: str) -> Axis | None:
        """The sequence that an index name runs over: `t` and `t1` over `T`."""
        stem = re.sub(r"\d+$", "", index)
        for name in self.sizes:
            if is_sequence(name) and stem == name.lower() and index[:1].islower():
                return Axis(self.sizes[name], AxisKind.SEQUENCE)
        return None

    def known_names(self) -> list[str]:
        """Every name that an expression may use."""
        return [*self.variables, *self.defined, *self.sizes, *self.helpers, *sorted(FUNCTIONS), *CONSTANTS]

    def size(self, name: str) -> sympy.Symbol:
        """The symbol of a size, known from now on."""
        return self.sizes.setdefault(name, size_symbol(name))


def step_names(sequences: Shape) -> list[str]:
    """An index name for each sequence as a person writes them: `t`, `t1` where `T` stands twice."""
    names: list[str] = []
    for axis in sequences:
        name = str(axis.size).lower()
        count = sum(other == axis for other in sequences[: len(names)])
        names.append(f"{name}{count}" if count else name)
    return names


def is_sequence(size: str) -> bool:
    """Whether a size is the length of a sequence: its name begins with a capital."""
    return size[:1].isupper()
