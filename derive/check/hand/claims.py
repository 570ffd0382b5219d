"""What a line says, understood: what it is of, over which steps, and both sides as index expressions."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

import sympy

from derive.check.hand import rules
from derive.check.hand.lines import HandLine
from derive.check.hand.special import Special
from derive.errors import Fault
from derive.expressions import Index, Range
from derive.language import rules_names, rules_shapes
from derive.language.context import Scope, Work
from derive.language.problem import Problem
from derive.language.values import Value
from derive.system import Equation, Variable

# What does not fit in shape is a wrong line; every other fault is one that was not understood.
WRONG = frozenset(
    rule.__name__
    for rule in (
        rules_shapes.unequal_shapes, rules_shapes.contraction_sizes, rules_shapes.contraction_of_scalar,
        rules_shapes.row_vector, rules_shapes.transpose_of, rules_shapes.vector_needed, rules_names.index_ranges_differ,
        rules_names.index_not_bound, rules_names.step_on_features, rules_names.entry_outside,
        rules_names.lookup_range, rules_names.wrong_sequence, rules_names.too_many_subscripts,
        rules.index_left_over, rules.sides_differ, rules.column_left_of_matrix,
    )
)  # fmt: skip


@dataclass(frozen=True)
class Side:
    """An expression in the place of a right side, read.

    Attributes:
        value: its entry at the claim's indices.
        equations: those of what the reader named on its way (`softmax(o[t])` has a logarithm of a sum).
        variables: what they define.
        reads: the gradients and Jacobians that it reads.
    """

    value: sympy.Expr
    equations: tuple[Equation, ...] = ()
    variables: tuple[Variable, ...] = ()
    reads: tuple[Special, ...] = ()


@dataclass
class Claim:
    """One line, understood.

    Attributes:
        line: as it was read.
        head: the variable on its left: `grad(h)`, the person's own or the model's.
        of: its left side as the person wrote it.
        left: the left side's entry at the indices of the domain.
        right: the right side's; None where the line does not fit.
        domain: the indices, those of the left side first, then one for each axis that both sides have.
        subscripts: the steps of the left side.
        condition: 1 where the line is meant to hold, else 0; None where it always does.
        without: steps that other lines are about, one or None for each step of the left side.
        rest: the indices of the axes that both sides have.
        left_tree: the left side with gradients as names.
        right_tree: the right side with gradients as names, as it was elaborated.
        scope: what is in scope on the right.
        fault: why the line cannot hold, or what was not understood.
        bounded: whether the ranges of the domain alone say what the condition says.
        defines: whether it defines its head, rather than to claim something.
    """

    line: HandLine
    head: str
    of: str
    work: Work
    scope: Scope = field(default_factory=Scope)
    left_value: Value | None = None
    left: sympy.Expr | None = None
    right: Side | None = None
    domain: tuple[Range, ...] = ()
    subscripts: tuple[sympy.Expr, ...] = ()
    rest: tuple[Index, ...] = ()
    condition: sympy.Expr | None = None
    without: tuple[tuple[sympy.Expr | None, ...], ...] = ()
    left_tree: ast.expr = field(default_factory=lambda: ast.Name("", ast.Load()))
    right_tree: ast.expr | None = None
    fault: Fault | None = None
    defines: bool = False
    bounded: bool = True

    def refuse(self, problem: Problem) -> None:
        """The line is not understood, or cannot hold: from now on that is its fault."""
        self.work.sink.report(self.line.left, problem)
        self.fault = self.work.sink.faults[-1]

    @property
    def is_wrong(self) -> bool:
        """Whether the fault is one of shape, so that the line is wrong and not only unclear."""
        return self.fault is not None and self.fault.rule in WRONG

    @property
    def literal(self) -> bool:
        """Whether the left side is about one step alone in one of its sequences."""
        return any(not s.has(Index) for s in self.subscripts)

    def key(self) -> tuple[sympy.Expr | None, ...]:
        """The literal steps of the left side, None where it has an index."""
        return tuple(None if s.has(Index) else s for s in self.subscripts)


def base(node: ast.expr) -> ast.expr:
    """What a left side is of, without its subscripts and its transposes."""
    while isinstance(node, ast.Subscript) or (isinstance(node, ast.Attribute) and node.attr == "T"):
        node = node.value
    return node


def subscripts(node: ast.expr) -> list[ast.expr]:
    """The subscripts of a left side."""
    while isinstance(node, ast.Attribute):
        node = node.value
    if not isinstance(node, ast.Subscript):
        return []
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def flat(node: ast.expr) -> ast.expr:
    """A left side with all its subscripts at once: `grad(h)[t, i]` for `grad(h)[t][i]`."""
    if isinstance(node, ast.Attribute):
        node.value = flat(node.value)
    if not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Subscript)):
        return node
    inner = flat(node.value)
    elements = [*subscripts(inner), *subscripts(node)]
    value = inner.value if isinstance(inner, ast.Subscript) else inner
    return ast.copy_location(ast.Subscript(value, ast.Tuple(elements, ast.Load()), ast.Load()), node)
