"""`grad(...)` and `jac(...)` as variables: an array each, over the steps and entries of what they are of.

    grad(h[t+1])          the variable `grad(h)` at t+1
    grad(v[s], of=l[t])   `jac(l, v)` at (t, s)
    grad(W, at=t)         `grad(W, at=T)` at t: the gradient of a copy of W that step t alone uses
    jac(u[t+1], v[t])     `jac(u, v)` at (t+1, t): steps first, then the entries of u, then those of v

After that a hand derivation is a text of the equation language.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from derive.check.hand import rules
from derive.check.hand.vocabulary import Vocabulary
from derive.expressions import Axis, AxisKind
from derive.language.problem import Problem
from derive.language.source import Sink
from derive.language.symbols import Shape, step_names
from derive.system import Role, Variable

_FORMS = {"grad": "grad(v[t]), grad(v[s], of=l[t]) or grad(W, at=t)", "jac": "jac(u[t+1], v[t])"}


@dataclass(frozen=True)
class Special:
    """What a gradient or Jacobian is of.

    Attributes:
        of: the variable that is differentiated.
        by: the variable with respect to which.
        at: the sequence at whose steps `by` is used, where only these uses count.
    """

    of: str
    by: str
    at: Axis | None = None

    @property
    def name(self) -> str:
        """The name of the variable that stands for it."""
        at = "" if self.at is None else f", at={self.at.name}"
        return f"grad({self.by}{at})" if self.of == "loss" else f"jac({self.of}, {self.by}{at})"


def special_variable(special: Special, vocabulary: Vocabulary) -> Variable:
    """The variable of a gradient or Jacobian: steps of `at`, of `of`, of `by`, then the entries of both."""
    of, by = vocabulary.axes(special.of), vocabulary.axes(special.by)
    at = () if special.at is None else (special.at,)
    steps = (*at, *_of_kind(of, True), *_of_kind(by, True))
    return Variable(special.name, Role.GRAD, (*steps, *_of_kind(of, False), *_of_kind(by, False)))


def _of_kind(axes: Shape, sequences: bool) -> Shape:
    return tuple(axis for axis in axes if (axis.kind is AxisKind.SEQUENCE) == sequences)


class Rewriter(ast.NodeTransformer):
    """Puts a variable in the place of each `grad(...)` and `jac(...)`; each new one enters the vocabulary."""

    def __init__(self, vocabulary: Vocabulary, sink: Sink) -> None:
        """A rewriter of lines about the model of this vocabulary; faults go to the sink."""
        self.vocabulary, self.sink = vocabulary, sink
        self.found: dict[str, Special] = {}

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """A name that derive made for a part of the model, as its printer spells it: `i.arg`."""
        if isinstance(node.value, ast.Name) and self.vocabulary.is_part(f"{node.value.id}.{node.attr}"):
            return ast.copy_location(ast.Name(f"{node.value.id}.{node.attr}", ast.Load()), node)
        self.generic_visit(node)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """`grad(h)[t]` is `grad(h[t])`."""
        match node.value:
            case ast.Call(func=ast.Name(id="grad"), args=[ast.Name() | ast.Attribute() as inner]) as call:
                name, _ = self._variable(inner) or ("", [])
                if name and _of_kind(self.vocabulary.axes(name), True):
                    moved = ast.copy_location(ast.Subscript(inner, node.slice, ast.Load()), node)
                    return self.visit_Call(ast.copy_location(ast.Call(call.func, [moved], call.keywords), node))
        self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A gradient or a Jacobian becomes a variable at subscripts."""
        if not (isinstance(node.func, ast.Name) and node.func.id in _FORMS):
            self.generic_visit(node)
            return node
        function = node.func.id
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        count = 1 if function == "grad" else 2
        if len(node.args) != count or set(named) - ({"of", "at"} if function == "grad" else {"at"}):
            return self._refuse(node, rules.arguments_of(function, _FORMS[function]))
        of = named.get("of") if function == "grad" else node.args[0]
        upper = self._variable(of) if of is not None else ("loss", [])
        lower = self._variable(node.args[-1])
        if upper is None or lower is None:
            return node
        return self._made(node, upper, lower, named.get("at"), scalar=function == "grad" and of is not None)

    def _made(
        self,
        node: ast.Call,
        upper: tuple[str, list[ast.expr]],
        lower: tuple[str, list[ast.expr]],
        at: ast.expr | None,
        scalar: bool,
    ) -> ast.expr:
        axis = self._sequence(at) if at is not None else None
        if at is not None and axis is None:
            return self._refuse(at, rules.at_which_sequence(self.sink.source.short(at)))
        if at is not None and self.vocabulary.has_starts(lower[0]):
            return self._refuse(at, rules.at_of_steps(lower[0], self.sink.source.short(at)))
        parts = [self._steps(name, given, node) for name, given in (upper, lower)]
        first, second = parts
        if first is None or second is None:
            return node
        open_axes = len(_of_kind(self.vocabulary.axes(upper[0]), False)) - len(first[1])
        if scalar and open_axes:
            of = next(keyword.value for keyword in node.keywords if keyword.arg == "of")
            return self._refuse(of, rules.scalar_of(self.sink.source.short(of)))
        special = Special(upper[0], lower[0], axis)
        self.found[special.name] = special
        self.vocabulary.enter(special_variable(special, self.vocabulary))
        # What is left open of the first is a whole axis, where the second names an entry of its own.
        gap = [ast.Slice() for _ in range(open_axes)] if second[1] else []
        subscripts: list[ast.expr] = [*([at] if at is not None else []), *first[0], *second[0]]
        subscripts += [*first[1], *gap, *second[1]]
        name = ast.copy_location(ast.Name(special.name, ast.Load()), node)
        if not subscripts:
            return name
        inner = subscripts[0] if len(subscripts) == 1 else ast.Tuple(subscripts, ast.Load())
        made = ast.Subscript(name, inner, ast.Load())
        return ast.fix_missing_locations(ast.copy_location(made, node))

    def _refuse(self, node: ast.expr, problem: Problem) -> ast.expr:
        self.sink.report(node, problem)
        return node

    def _variable(self, node: ast.expr) -> tuple[str, list[ast.expr]] | None:
        """The variable of the model that an argument names, with its subscripts; None after a fault."""
        short = self.sink.source.short
        given: list[ast.expr] = []
        base = node
        if isinstance(node, ast.Subscript):
            base = node.value
            given = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        name = base.id if isinstance(base, ast.Name) else ""
        if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name):
            name = f"{base.value.id}.{base.attr}"
        if not name:
            self._refuse(node, rules.gradient_of(short(node)))
        elif name in self.vocabulary.own:
            self._refuse(node, rules.gradient_of_own(name))
        elif not self.vocabulary.has(name):
            self._refuse(base, rules.gradient_of_unknown(name, self.vocabulary.differentiable))
        elif self.vocabulary.role(name).is_integer:
            self._refuse(base, rules.no_gradient(name, self.vocabulary.role(name).value))
        else:
            return name, [self.visit(part) for part in given]
        return None

    def _steps(self, name: str, given: list[ast.expr], node: ast.expr) -> tuple[list[ast.expr], list[ast.expr]] | None:
        """The subscripts of a variable, parted into steps and entries; None after a fault."""
        sequences = _of_kind(self.vocabulary.axes(name), True)
        if len(given) < len(sequences):
            self._refuse(node, rules.step_lacking(name, ", ".join(step_names(sequences))))
            return None
        return given[: len(sequences)], given[len(sequences) :]

    def _sequence(self, at: ast.expr) -> Axis | None:
        """The sequence of which `at=` names a step."""
        for inner in ast.walk(at):
            if isinstance(inner, ast.Name):
                found = self.vocabulary.symbols.sequence_of(inner.id)
                size = self.vocabulary.symbols.sizes.get(inner.id)
                if found is None and size is not None and inner.id[:1].isupper():
                    found = Axis(size, AxisKind.SEQUENCE)
                if found is not None:
                    return found
        sequences = self.vocabulary.sequences
        return sequences[0] if len(sequences) == 1 else None
