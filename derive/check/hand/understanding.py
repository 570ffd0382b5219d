"""Lines -> claims: names resolved, both sides read and their shapes checked."""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence
from dataclasses import replace

import sympy

from derive.check.hand import rules
from derive.check.hand.claims import Claim, Side, base, flat, subscripts
from derive.check.hand.lines import HandLine
from derive.check.hand.own import settle
from derive.check.hand.products import read as value_of
from derive.check.hand.special import Rewriter, Special
from derive.check.hand.steps import condition, limits
from derive.check.hand.vocabulary import Vocabulary
from derive.errors import Fault
from derive.expressions import Axis, AxisKind, Index
from derive.language import bounds, numbers, rules_shapes
from derive.language.affines import affine
from derive.language.context import UNKNOWN, Scope, Work
from derive.language.indices import axis_of
from derive.language.source import Sink
from derive.language.values import OPEN, describe
from derive.system import Role, Variable


class Understanding:
    """Reads the lines of one derivation, in the words of one model.

    Attributes:
        vocabulary: what names mean.
        specials: every gradient and Jacobian that has been named.
        claims: one for each line, definitions too.
    """

    def __init__(self, vocabulary: Vocabulary, lines: Sequence[HandLine]) -> None:
        """Understand all lines; what cannot be understood has a fault."""
        self.vocabulary = vocabulary
        self.specials: dict[str, Special] = {}
        self._find_own(lines)
        self.claims = [self._head(line, number) for number, line in enumerate(lines)]
        settle(self)
        for claim in self.claims:
            if claim.fault is None:
                self.read(claim)
        self._part_steps()

    def further(self, line: HandLine, number: int) -> Claim:
        """A line that is none of the file's, understood; its faults stay with it.

        Args:
            line: the line.
            number: one that no other line has.
        """
        claim = self._head(line, number)
        if claim.fault is None:
            self.read(claim)
        return claim

    def about(self, claim: Claim, *trees: ast.expr) -> None:
        """Let the names of steps mean what they mean in one line."""
        found = [claim.left_tree, *([claim.right_tree] if claim.right_tree is not None else []), *trees]
        self.vocabulary.symbols.steps = self.vocabulary.steps_in(*found)

    def _find_own(self, lines: Sequence[HandLine]) -> None:
        """The names that stand on a left side and that the model does not have."""
        for line in lines:
            left = base(line.left)
            if isinstance(left, ast.Name) and not self.vocabulary.has(left.id):
                self.vocabulary.own.setdefault(left.id, Variable(left.id, Role.VAR))

    def _head(self, line: HandLine, number: int) -> Claim:
        sink = Sink(line.source)
        work = Work(self.vocabulary.symbols, sink, value_of, f"line{number}", line.source.short(line.left))
        rewriter = Rewriter(self.vocabulary, sink)
        left = flat(rewriter.visit(copy.deepcopy(line.left)))
        claim = Claim(line, "", line.source.short(line.left), work)
        claim.right_tree = rewriter.visit(copy.deepcopy(line.right))
        self.specials |= rewriter.found
        head = base(left)
        if sink.faults:
            claim.fault = sink.faults[0]
        elif not isinstance(head, ast.Name):
            sink.report(line.left, rules.left_of_nothing(line.source.short(line.left)))
            claim.fault = sink.faults[0]
        elif isinstance(left, ast.Subscript) and not isinstance(left.value, ast.Name):
            claim.refuse(rules.left_of_nothing(line.source.short(line.left)))
        else:
            claim.head, claim.left_tree = head.id, left
        return claim

    def scope(
        self, claim: Claim, work: Work, sequences: tuple[Axis, ...], features: tuple[Axis, ...] | None
    ) -> tuple[Scope, list[Index]]:
        """What is in scope on the right: the indices of the left side."""
        self.about(claim)
        scope, indices = Scope(), list[Index]()
        symbols = self.vocabulary.symbols
        nodes = subscripts(claim.left_tree)
        reach = limits(claim, work)
        for position, node in enumerate(nodes):
            for inner in ast.walk(node):
                if not isinstance(inner, ast.Name) or inner.id in scope.indices or inner.id in symbols.sizes:
                    continue
                if symbols.is_variable(inner.id):
                    if inner is node and symbols.sequences(inner.id):
                        claim.refuse(rules.index_is_variable(inner.id, self._free_letter(claim)))
                    continue
                axis = sequences[position] if position < len(sequences) else None
                if axis is None and features is not None and position - len(sequences) < len(features):
                    axis = features[position - len(sequences)]
                if axis is None:
                    look = scope.bind(inner.id, Index(inner.id, UNKNOWN))
                    axis = axis_of(inner.id, [claim.right_tree], look, work) if claim.right_tree else None
                index = work.index(inner.id, axis or UNKNOWN, *reach.get(inner.id, (None, None)))
                scope = scope.bind(inner.id, index)
                indices.append(index)
        return scope, indices

    def _free_letter(self, claim: Claim) -> str:
        """A letter that is neither a name of the model nor one of the line."""
        sides = (claim.line.left, claim.line.right)
        used = {n.id for side in sides for n in ast.walk(side) if isinstance(n, ast.Name)}
        free = (letter for letter in "kjlmpquvwabcde" if letter not in used and not self.vocabulary.has(letter))
        return next(free, "k1")

    def read(self, claim: Claim) -> None:
        """Both sides of a line, with their shapes checked."""
        work, sink = claim.work, claim.work.sink
        variable = self.vocabulary.symbols.variables[claim.head]
        sequences = tuple(axis for axis in variable.axes if axis.kind is AxisKind.SEQUENCE)
        features = tuple(axis for axis in variable.axes if axis.kind is not AxisKind.SEQUENCE)
        claim.scope, indices = self.scope(claim, work, sequences, features)
        claim.left_value = work.value(claim.left_tree, claim.scope)
        claim.condition = condition(claim)
        if claim.left_value.axes is None and claim.right_tree is not None:
            self._check_own(claim.right_tree, work, claim.head)
        if sink.faults or claim.left_value.axes is None:
            claim.fault = sink.faults[0] if sink.faults else None
            return
        nodes = subscripts(claim.left_tree)
        claim.subscripts = tuple(affine(n, claim.scope, work) for n, _ in zip(nodes, sequences, strict=False))
        claim.rest = tuple(work.fresh(axis) for axis in claim.left_value.axes)
        claim.left = claim.left_value.entry(claim.rest)
        claim.domain = tuple(work.ranges[index] for index in (*indices, *claim.rest))
        assert claim.right_tree is not None
        found = self.side(claim, claim.right_tree)
        if isinstance(found, Fault):
            claim.fault = found
        else:
            claim.right = found

    def side(self, claim: Claim, tree: ast.expr) -> Side | Fault:
        """An expression in the place of a claim's right side, or what does not fit in it.

        Args:
            claim: the line.
            tree: an expression in which gradients are names already (`rewritten`).
        """
        work = replace(
            claim.work, sink=Sink(claim.line.source), ranges=dict(claim.work.ranges), reads=[], variables=[],
            equations=[], taken=set(), depth=0,
        )  # fmt: skip
        assert claim.left_value is not None
        self.about(claim, tree)
        self.vocabulary.symbols.work = 0
        self._check_own(tree, work)
        value = work.value(tree, claim.scope) if not work.sink.faults else OPEN
        if work.sink.faults:
            return work.sink.faults[0]
        if value.axes is None:
            work.sink.report(claim.line.left, rules.own_shape_open(claim.of))
            return work.sink.faults[0]
        fills = value.number and not value.axes
        if value.axes != claim.left_value.axes and not fills:
            problem = rules.sides_differ(claim.of, describe(claim.left_value), "", describe(value))
            work.sink.report(claim.line.left, problem)
            return work.sink.faults[0]
        try:
            entry = value.entry(() if fills else claim.rest)
        except numbers.TooLarge:
            text = claim.line.source.short(claim.line.right)
            work.sink.report(claim.line.right, rules_shapes.exponent_too_large(text, bounds.EXPONENT))
            return work.sink.faults[0]
        if entry.has(sympy.nan, sympy.zoo):
            work.sink.report(claim.line.right, rules_shapes.undefined_number(claim.line.source.short(claim.line.right)))
            return work.sink.faults[0]
        claim.work.ranges.update(work.ranges)
        reads = tuple(self.specials[n.id] for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in self.specials)
        return Side(entry, tuple(work.equations), tuple(work.variables), tuple(dict.fromkeys(reads)))

    def _check_own(self, tree: ast.expr, work: Work, but: str = "") -> None:
        """Report a name of the person's own, but for one, that has no shape: nothing that can be read defines it."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in self.vocabulary.own and node.id != but:
                if node.id not in self.vocabulary.symbols.shapes:
                    lines = [c.line.number for c in self.claims if ast.unparse(base(c.line.left)) == node.id]
                    work.sink.report(node, rules.own_undefined(node.id, min(lines, default=0)))

    def rewritten(self, tree: ast.expr, sink: Sink) -> ast.expr:
        """A copy of an expression in the person's words with gradients as names; faults go to the sink."""
        rewriter = Rewriter(self.vocabulary, sink)
        made: ast.expr = rewriter.visit(copy.deepcopy(tree))
        self.specials |= rewriter.found
        return made

    def _part_steps(self) -> None:
        """A line for every step is about those that no line for an end is about."""
        for claim in self.claims:
            if claim.line.conditions or claim.literal or not claim.subscripts:
                continue
            others = [o for o in self.claims if o.head == claim.head and o.literal and o is not claim]
            before = self.claims.index(claim)
            if claim.head in self.vocabulary.own:
                # A definition for every step leaves out what was defined before it; a claim, what is claimed of an end.
                others = [
                    o for o in others if o.defines == claim.defines and (not o.defines or self.claims.index(o) < before)
                ]
            claim.without = tuple(other.key() for other in others)
