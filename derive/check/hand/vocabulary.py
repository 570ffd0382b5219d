"""What names mean in a hand derivation: the model's own, those of the person, and the gradients that are named."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from derive.expressions import Axis, AxisKind, Index, size_symbol
from derive.language.source import Sink, Source
from derive.language.symbols import Shape, Symbols, is_sequence
from derive.language.syntax import File, Helper, parse
from derive.system import Role, System, Variable


class Checkable(Protocol):
    """What a check needs of a model."""

    @property
    def name(self) -> str:
        """The model's name."""

    @property
    def system(self) -> System:
        """The equations as read, of one example."""

    def gradient(self) -> Derived:
        """The derived gradient."""


class Derived(Protocol):
    """What a check needs of a derived gradient."""

    @property
    def system(self) -> System:
        """The prepared forward equations, and those of the gradient."""


@dataclass
class HandSymbols(Symbols):
    """The names of a hand derivation.

    Attributes:
        steps: further indices over sequences: `s` in `h[s]`, where the model has no sequence `S`.
    """

    steps: dict[str, Axis] = field(default_factory=dict)

    def sequence_of(self, index: str) -> Axis | None:
        """The sequence that an index name runs over."""
        return super().sequence_of(index) or self.steps.get(index)


class Vocabulary:
    """The names of one hand derivation.

    Attributes:
        model: the model that it is about.
        symbols: what the reader of expressions needs.
        own: the person's names, in the order of their definitions.
    """

    def __init__(self, model: Checkable) -> None:
        """The names of the model."""
        self.model = model
        self.own: dict[str, Variable] = {}
        self.symbols = HandSymbols(File())
        self.symbols.file.helpers.update(_helpers(model.system))
        for variable in model.system.variables:
            if not variable.is_generated or variable.name.endswith(".predicted"):
                self.enter(variable)

    @cached_property
    def parts(self) -> dict[str, Variable]:
        """The variables that derive makes for parts of the model, as its printed gradients name them."""
        prepared = self.model.gradient().system.variables
        return {v.name: v for v in prepared if v.role is Role.VAR and v.is_generated}

    def enter(self, variable: Variable) -> None:
        """Let the reader of expressions know a variable."""
        self.symbols.variables[variable.name] = variable
        features = tuple(axis for axis in variable.axes if axis.kind is not AxisKind.SEQUENCE)
        self.symbols.shapes[variable.name] = features
        sizes = [axis.size for axis in variable.axes] + ([variable.classes] if variable.classes is not None else [])
        for size in sizes:
            for symbol in sorted(size.free_symbols, key=str):
                self.symbols.sizes.setdefault(str(symbol), size_symbol(str(symbol)))

    def steps_in(self, *trees: ast.expr) -> dict[str, Axis]:
        """The names that stand where a variable has its step, and are nothing else: indices over that sequence."""
        found: dict[str, Axis] = {}
        for node in (node for tree in trees for node in ast.walk(tree)):
            if not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)):
                continue
            variable = self.symbols.variables.get(node.value.id)
            axes = [axis for axis in variable.axes if axis.kind is AxisKind.SEQUENCE] if variable is not None else []
            elements = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            for element, axis in zip(elements, axes, strict=False):
                for inner in () if isinstance(element, ast.Subscript) else ast.walk(element):
                    if isinstance(inner, ast.Name) and self._is_free(inner.id):
                        found.setdefault(inner.id, axis)
        return found

    def _is_free(self, name: str) -> bool:
        return not (
            self.symbols.is_variable(name) or name in self.symbols.sizes or Symbols.sequence_of(self.symbols, name)
        )

    def is_part(self, name: str) -> bool:
        """Whether derive's own notation has this name for a part of the model; from then on it is known."""
        if name in self.symbols.variables:
            return True
        if name.endswith(".T") or name not in self.parts:
            return False
        self.enter(self.parts[name])
        return True

    def has(self, name: str) -> bool:
        """Whether a name is a variable of the model."""
        return name in self.symbols.variables or self.is_part(name)

    def axes(self, name: str) -> Shape:
        """The axes of a variable of the model."""
        return self.symbols.variables[name].axes

    def has_starts(self, name: str) -> bool:
        """Whether a variable has values outside of its general equation's steps."""
        system, steps = self.model.system, len([a for a in self.axes(name) if a.kind is AxisKind.SEQUENCE])
        literal = (not s.has(Index) for e in system.defining.get(name, ()) for s in e.subscripts[:steps])
        return any(v.start is not None and v.start.of == name for v in system.variables) or any(literal)

    def role(self, name: str) -> Role:
        """What a variable is to the model."""
        return self.symbols.variables[name].role

    @property
    def differentiable(self) -> list[str]:
        """The model's names of which there are gradients."""
        variables = self.model.system.variables
        return [v.name for v in variables if not v.is_generated and not v.role.is_integer]

    @property
    def sequences(self) -> Shape:
        """The sequences of the model."""
        sizes = self.symbols.sizes
        return tuple(Axis(symbol, AxisKind.SEQUENCE) for name, symbol in sizes.items() if is_sequence(name))


def _helpers(system: System) -> dict[str, Helper]:
    """The patterns that the model's file names; their nodes have no place in another file."""
    source = Source(system.source, "<model>")
    helpers = parse(source, Sink(source, quiet=True)).helpers if "def " in system.source else {}
    for helper in helpers.values():
        for node in ast.walk(helper.node):
            if isinstance(node, ast.expr | ast.stmt | ast.arg | ast.keyword):
                node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = 1, 0, 1, 0
    return dict(helpers)
