"""What may stand beside a part of a line, or in its place: factors, gradients, sums of the derived lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from itertools import permutations

from derive.check.hand.diagnosis.known import Known, inner_of, step_text, subscripts
from derive.check.hand.diagnosis.trees import (
    Term,
    is_atom,
    is_gradient,
    is_jacobian,
    joined,
    name_of,
    nodes,
    placed,
    replaced,
    same,
    terms,
)  # fmt: skip
from derive.check.hand.diagnosis.truth import derived, entered, in_own_names, shifted
from derive.expressions import AxisKind
from derive.system import Role


class Setting(Known):
    """A derivation and one of its claims, for who looks for the mistake in it."""

    def slopes_at(self, node: ast.expr) -> tuple[ast.expr, ...]:
        """The factors of this model's gradients, at three steps; entry by entry if need be."""
        return self._at("slopes", self.slopes, self._entries_at(node))

    def may_be_gradient(self, node: ast.expr) -> bool:
        """Whether a part of the line may be or make a gradient: one by its name, a name of one's own, a true answer."""
        name = name_of(node)
        if is_gradient(node) or name in self.vocabulary.own:
            return True
        return name in self.vocabulary.symbols.variables and self.vocabulary.role(name) in (Role.TARGET, Role.LABEL)

    def divisors_at(self, node: ast.expr) -> tuple[ast.expr, ...]:
        """What gradients of this model are divided by, at three steps; entry by entry if need be."""
        return self._at("divisors", self.divisors, self._entries_at(node))

    def values_at(self, node: ast.expr) -> tuple[ast.expr, ...]:
        """The variables of the model, the person's own and the gradients by them, at three steps."""
        return self._at("values", self.values, self._entries_at(node))

    def sums_at(self, node: ast.expr) -> tuple[ast.expr, ...]:
        """The derived right sides with more terms than one, at three steps."""
        entries = self._entries_at(node)
        if not entries:
            return self._at("sums", self.sums, ())
        several = [(joined(parts), own) for parts, own in self.entry_lines if len(parts) > 1]
        return self._entry_by_entry("sums", several, entries)

    def others_at(self, node: ast.expr) -> tuple[Term, ...]:
        """The terms of all gradients, at this step and the next."""
        entries = self._entries_at(node)
        found: list[Term] = []
        for minus in (False, True):
            what = f"others {minus}"
            if entries:
                parted = [(t.node, own) for parts, own in self.entry_lines for t in parts if t.minus == minus]
                trees = self._entry_by_entry(what, parted, entries)
            else:
                trees = self._at(what, tuple(t.node for t in self.terms_of_others if t.minus == minus), (), (0, 1))
            found += [Term(tree, minus) for tree in trees]
        return tuple(found)

    def _entry_by_entry(
        self, what: str, trees: list[tuple[ast.expr, str]], entries: tuple[str, ...]
    ) -> tuple[ast.expr, ...]:
        """Expressions in index notation for each of some indices, at three steps."""
        key = (what, entries)
        if key not in self._moved:
            found: list[ast.expr] = []
            for tree, own in trees:
                for by in (0, 1, -1):
                    there = self.stepped(tree, by)
                    found += [entered(there, own, entry, self.indices) for entry in entries if there is not None]
            self._moved[key] = tuple(found)
        return self._moved[key]

    @cached_property
    def indices(self) -> frozenset[str]:
        """The names of the indices in the claim's line."""
        line = self.claim.line
        named = [n for side in (line.left, line.right) for n in ast.walk(side) if isinstance(n, ast.Name)]
        return frozenset(n.id for n in named if n.id not in self.vocabulary.symbols.variables)

    @cached_property
    def entry_lines(self) -> tuple[tuple[list[Term], str], ...]:
        """The derived right sides of vectors, entry by entry: their terms, and the name of the entry's index."""
        found: list[tuple[list[Term], str]] = []
        model = self.derivation.model
        for name, lines in derived(model, "index").items():
            for line in lines if name.startswith("grad(") else ():
                own = self.entries(line.left)
                named = in_own_names(line.right, model, "index")
                if len(own) == 1 and isinstance(own[0], ast.Name) and named is not None:
                    found.append((list(terms(named)), own[0].id))
        return tuple(found)

    def _entries_at(self, node: ast.expr) -> tuple[str, ...]:
        """The indices of entries that a part of the line is about; none in array notation."""
        names: dict[str, None] = {}
        for atom in [n for n in nodes(node) if is_atom(n)]:
            inner = self.entries(atom)
            names |= dict.fromkeys(entry.id for entry in inner if isinstance(entry, ast.Name))
        given = subscripts(inner_of(self.claim.line.left))[self.sequences(name_of(self.claim.line.left)) :]
        if names or given:
            names |= dict.fromkeys(entry.id for entry in given if isinstance(entry, ast.Name))
        return tuple(names)

    def _at(
        self, what: str, trees: tuple[ast.expr, ...], entries: tuple[str, ...], steps: tuple[int, ...] = (0, 1, -1)
    ) -> tuple[ast.expr, ...]:
        key = (what, entries)
        if key not in self._moved:
            found: list[ast.expr] = []
            for tree in trees:
                for by in steps:
                    there = self.stepped(tree, by)
                    for entry in entries or ("",) if there is not None else ():
                        assert there is not None
                        made = self._entered(there, entry) if entry else there
                        if made is not None and not any(same(made, other) for other in found):
                            found.append(made)
            self._moved[key] = tuple(found)
        return self._moved[key]

    def stepped(self, tree: ast.expr, by: int) -> ast.expr | None:
        """An expression at another step; None where it has none."""
        made = tree
        for atom in [n for n in nodes(tree) if is_atom(n)] if by else ():
            inner = atom
            while isinstance(inner, ast.Call) and inner.args:
                inner = inner.args[0]
            given = subscripts(inner)
            if given and isinstance(inner, ast.Subscript) and self.sequences(name_of(atom) or name_of(inner)):
                given[0] = shifted(given[0], by)
                there = placed(given[0] if len(given) == 1 else ast.Tuple(given, ast.Load()), atom)
                made = replaced(made, atom, replaced(atom, inner.slice, there))
        return None if by and made is tree else made

    def _entered(self, tree: ast.expr, entry: str) -> ast.expr | None:
        """One entry of a vector; None of anything else."""
        if any(isinstance(n, ast.BinOp) and isinstance(n.op, ast.MatMult) for n in nodes(tree)):
            return None
        made = tree
        for atom in [n for n in nodes(tree) if is_atom(n)]:
            inner = atom.args[0] if isinstance(atom, ast.Call) else atom
            rank = self.rank(atom)
            if name_of(atom) == "" or rank not in (0, 1) or is_jacobian(atom):
                return None
            if rank == 1:
                given = [*subscripts(inner), ast.Name(entry, ast.Load())]
                base = inner.value if isinstance(inner, ast.Subscript) else inner
                place = given[0] if len(given) == 1 else ast.Tuple(given, ast.Load())
                made = replaced(made, inner, ast.Subscript(base, place, ast.Load()))
        return made

    @cached_property
    def _moved(self) -> dict[tuple[str, tuple[str, ...]], tuple[ast.expr, ...]]:
        return {}

    @cached_property
    def values(self) -> tuple[ast.expr, ...]:
        """Every variable with one axis of features or none, and the gradient by it, at its general step."""
        found: list[ast.expr] = []
        own = self.vocabulary.own
        known = [v for v in self.system.variables if not v.is_generated and v.role is not Role.START]
        for variable in [*known, *own.values()]:
            steps = [a for a in variable.axes if a.kind is AxisKind.SEQUENCE]
            if len(variable.axes) - len(steps) > 1 or variable.role.is_integer or variable.name == "loss":
                continue
            text = variable.name + (f"[{', '.join(a.name.lower() for a in steps)}]" if steps else "")
            found.append(ast.parse(text, mode="eval").body)
            if not variable.role.is_data and variable.name not in own:
                found.append(ast.parse(f"grad({text})", mode="eval").body)
        return tuple(found)

    @cached_property
    def matrices(self) -> tuple[str, ...]:
        """The model's matrices: what has two axes of features and no step."""
        found = [v for v in self.system.variables if [a.kind for a in v.axes] == [AxisKind.FEATURE] * 2]
        return tuple(v.name for v in found if not v.is_generated and v.role is not Role.START)

    def matrix_entries(self, node: ast.expr) -> Iterator[ast.expr]:
        """The entries of the model's matrices at two indices of what a part of the line is about."""
        if self.rank(node) == 0 and self.entries(node):
            for pair in permutations(self._entries_at(node), 2):
                place = ast.Tuple([ast.Name(name, ast.Load()) for name in pair], ast.Load())
                for name in self.matrices:
                    yield ast.Subscript(ast.Name(name, ast.Load()), place, ast.Load())

    @cached_property
    def sums(self) -> tuple[ast.expr, ...]:
        """The derived right sides, at a general step, that have several terms."""
        found: list[ast.expr] = []
        for name, lines in derived(self.derivation.model).items():
            for line in lines if name.startswith("grad(") else ():
                named = in_own_names(line.right, self.derivation.model)
                if named is not None and len(list(terms(named))) > 1:
                    found.append(named)
        return tuple(found)


__all__ = ["Setting", "shifted", "step_text", "subscripts"]
