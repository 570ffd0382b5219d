"""What a diagnosis knows of the model: shapes of names, what stands for what, and the terms of the true line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from derive.check.hand.claims import Claim
from derive.check.hand.derivation import Derivation
from derive.check.hand.diagnosis.jacobians import jacobian_terms
from derive.check.hand.diagnosis.trees import (
    Term,
    factors,
    is_atom,
    is_gradient,
    is_jacobian,
    name_of,
    nodes,
    product,
    same,
    terms,
)  # fmt: skip
from derive.check.hand.diagnosis.truth import derived, in_own_names, moved
from derive.check.hand.lines import HandLine
from derive.emit.notation.lines import Notation
from derive.expressions import AxisKind
from derive.functions import TABLE
from derive.system import Role


class Known:
    """A derivation and one of its claims: what the model has, and the derived lines of what the claim is of."""

    def __init__(self, derivation: Derivation, claim: Claim) -> None:
        """What is known of this claim."""
        self.derivation, self.claim = derivation, claim
        self.system = derivation.model.system
        self.vocabulary = derivation.vocabulary

    def rank(self, atom: ast.AST) -> int | None:
        """How many feature axes a variable, or the gradient by it, has; None for what is no variable."""
        name = name_of(atom)
        if name not in self.vocabulary.symbols.variables:
            return None
        given = len(subscripts(atom)) - self.sequences(name)
        return sum(axis.kind is AxisKind.FEATURE for axis in self.vocabulary.axes(name)) - max(given, 0)

    def sequences(self, name: str) -> int:
        """How many sequences a variable has."""
        variables = self.vocabulary.symbols.variables
        return sum(a.kind is AxisKind.SEQUENCE for a in variables[name].axes) if name in variables else 0

    def entries(self, atom: ast.AST) -> list[ast.expr]:
        """The subscripts of a variable behind its steps."""
        return subscripts(atom)[self.sequences(name_of(atom)) :] if name_of(atom) else []

    def alike(self, name: str) -> Iterator[str]:
        """Other names of the model over the same axes: what one may be taken for."""
        own = self.vocabulary.own
        if name in own:
            yield from (other for other, variable in own.items() if other != name and variable.axes == own[name].axes)
        variable = self.system.by_name.get(name)
        if variable is None:
            return
        shared = variable.role is Role.PARAM
        for other in self.system.variables:
            if other.name in (name, "loss") or other.axes != variable.axes:
                continue
            if other.is_generated or other.role.is_integer:
                continue
            if (other.role is Role.PARAM) == shared and other.role is not Role.START:
                yield other.name

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """The functions of one argument that the model applies entry by entry."""
        found = dict.fromkeys(
            f.row.name
            for equation in self.system.equations
            for f in sorted(equation.right.atoms(*TABLE.values()), key=str)
            if f.row.arity == 1 and f.row.in_language
        )
        return tuple(found)

    @cached_property
    def lines(self) -> tuple[HandLine, ...]:
        """The derived lines of what the claim is of: those for the claim's own end, or the general one."""
        left = inner_of(self.claim.line.left)
        notation: Notation = "index" if self.entries(left) else "array"
        found = derived(self.derivation.model, notation).get(self.claim.head, ())
        steps = subscripts(left)[: self.sequences(name_of(left))]
        kinds = [_kind(subscripts(inner_of(line.left))[: len(steps)], steps) for line in found]
        return tuple(line for line, kind in zip(found, kinds, strict=True) if kind == max(kinds))

    @cached_property
    def true_terms(self) -> tuple[Term, ...]:
        """Every term that the derived lines add, at the steps and entries of the claim, in the model's own names."""
        found: list[Term] = []
        left = self.claim.line.left
        if is_jacobian(left) and isinstance(left, ast.Call) and len(left.args) == 2:
            return jacobian_terms(self.derivation.model, *left.args)
        given = subscripts(inner_of(left))
        for line in self.lines:
            own = subscripts(inner_of(line.left))
            right: ast.expr | None = line.right
            if len(given) >= len(own) and own and all(isinstance(node, ast.Name) for node in own):
                right = moved(line, given[: len(own)])
            for term in terms(right) if right is not None else ():
                node = in_own_names(term.node, self.derivation.model)
                if node is not None and not any(same(node, other.node) for other in found):
                    found.append(Term(node, term.minus))
        return tuple(found)

    @cached_property
    def terms_of_others(self) -> tuple[Term, ...]:
        """The terms of the gradients of all variables at a step, in the model's own names."""
        found: list[Term] = []
        for name, lines in derived(self.derivation.model).items():
            for line in lines:
                steps = subscripts(inner_of(line.left))
                if not (name.startswith("grad(") and steps and all(isinstance(node, ast.Name) for node in steps)):
                    continue
                for term in terms(line.right):
                    node = in_own_names(term.node, self.derivation.model)
                    if node is not None and not any(same(node, other.node) for other in found):
                        found.append(Term(node, term.minus))
        return tuple(found)

    @cached_property
    def divisors(self) -> tuple[ast.expr, ...]:
        """What gradients of this model are divided by, numbers and sizes apart."""
        unique: list[ast.expr] = []
        for lines in derived(self.derivation.model).values():
            for node in (n for line in lines if isinstance(line.left, ast.Call) for n in nodes(line.right)):
                below = node.right if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) else None
                if below is None or not any(map(is_atom, nodes(below))):
                    continue
                named = in_own_names(below, self.derivation.model)
                if named is not None and not any(same(named, other) for other in unique):
                    unique.append(named)
        return tuple(unique)

    @cached_property
    def slopes(self) -> tuple[ast.expr, ...]:
        """The factors that gradients of this model have: derivatives of activations, and values of gates."""
        found: list[ast.expr] = []
        for lines in derived(self.derivation.model).values():
            for line in lines:
                steps = subscripts(inner_of(line.left))
                if not isinstance(line.left, ast.Call) or any(isinstance(s, ast.Constant) for s in steps):
                    continue
                for term in terms(line.right):
                    for node in nodes(term.node):
                        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
                            found += self._beside_gradients(node)
        unique: list[ast.expr] = []
        for node in found:
            named = in_own_names(node, self.derivation.model)
            if named is not None and not any(same(named, other) for other in unique):
                unique.append(named)
        return tuple(unique)

    def _beside_gradients(self, node: ast.BinOp) -> list[ast.expr]:
        """The factors of a product that are no gradients, each and all together."""
        plain = [f for f in factors(node) if not any(is_gradient(inner) for inner in nodes(f))]
        plain = [f for f in plain if any(is_atom(inner) for inner in nodes(f))]
        return [*([product(plain)] if len(plain) > 1 else []), *plain]


def subscripts(atom: ast.AST) -> list[ast.expr]:
    """The subscripts of a variable, or of the one that a gradient is taken by."""
    if isinstance(atom, ast.Call) and atom.args:
        return subscripts(atom.args[0])
    if not isinstance(atom, ast.Subscript):
        return []
    return list(atom.slice.elts) if isinstance(atom.slice, ast.Tuple) else [atom.slice]


def inner_of(left: ast.expr) -> ast.expr:
    """The variable that a gradient is taken by; of a variable itself."""
    return left.args[0] if isinstance(left, ast.Call) and left.args else left


def _kind(steps: list[ast.expr], given: list[ast.expr]) -> int:
    """How well a line fits the steps of a claim: it is about just these, about every step, or about others."""
    if all(same(one, other) for one, other in zip(steps, given, strict=False)):
        return 2
    return 1 if all(isinstance(step, ast.Name) and step.id.islower() for step in steps) else 0


def step_text(step: ast.expr) -> str:
    """A step as people write it."""
    from derive.check.hand.spelling import plain

    return plain(step).replace(" ", "")
