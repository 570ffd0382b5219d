"""What a name of the person's own may be meant to stand for: gradients, Jacobians, factors and terms of the model."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from derive.check.hand.claims import Claim
from derive.check.hand.derivation import Derivation
from derive.check.hand.diagnosis.known import subscripts
from derive.check.hand.diagnosis.mistakes import Mend, Mistake, table
from derive.check.hand.diagnosis.setting import Setting
from derive.check.hand.diagnosis.trees import is_atom, is_gradient
from derive.check.hand.diagnosis.truth import in_own_names, shifted
from derive.check.hand.diagnosis.values import ROUGH, Spent, Values, side_of
from derive.check.hand.numbers import SMALLEST
from derive.errors import Fault
from derive.expressions import AxisKind
from derive.interpret import Array
from derive.system import Role, Variable

EDITS = 1200  # forms of a definition that are compared with what it may stand for
AGAIN = 400  # of one that reads itself, for each gradient that it may be


@dataclass(frozen=True)
class Meaning:
    """What a definition may stand for.

    Attributes:
        tree: an expression at the steps and entries of the definition's left side.
        is_gradient: whether it is a gradient or a Jacobian, of which there are derived lines.
        part: where derive alone has a name for what the gradient is by, that part of the model.
    """

    tree: ast.expr
    is_gradient: bool = False
    part: ast.expr | None = None

    def text(self, say: Callable[[ast.expr], str]) -> str:
        """The meaning in words, with expressions written as `say` does."""
        return say(self.tree) if self.part is None else f"the gradient by {say(self.part)}"


def gradients(derivation: Derivation, definition: Claim) -> list[Meaning]:
    """The gradients that are over the same axes as what a line defines, at its steps; of a matrix Jacobians, too."""
    vocabulary = derivation.vocabulary
    own = vocabulary.own[definition.head]
    given = [ast.unparse(node) for node in subscripts(definition.line.left)]
    at = f"[{', '.join(given)}]" if given else ""
    found: list[Meaning] = []
    for variable in (*derivation.model.system.variables, *vocabulary.parts.values()):
        if variable.axes == own.axes and _has_gradient(variable):
            tree = _read(f"grad({variable.name}{at})")
            part = None
            if variable.name in vocabulary.parts:
                part = in_own_names(_read(variable.name + at), derivation.model)
                if part is None:
                    continue
            found.append(Meaning(tree, True, part))
    steps = [axis for axis in own.axes if axis.kind is AxisKind.SEQUENCE]
    if len(steps) == 1 and len(own.axes) == 3 and len(given) == 1:
        found += _of_matrices(derivation, own, subscripts(definition.line.left)[0])
    return found


def _of_matrices(derivation: Derivation, own: Variable, step: ast.expr) -> Iterator[Meaning]:
    """A matrix for each step: the part of a gradient that comes through that step, or a step's Jacobian."""
    sequence, rows, columns = own.axes
    here = ast.unparse(step)
    variables = [v for v in derivation.model.system.variables if _has_gradient(v)]
    for variable in variables:
        if variable.role is Role.PARAM and variable.axes == (rows, columns):
            yield Meaning(_read(f"grad({variable.name}, at={here})"), True)
    for one in variables:
        for other in variables:
            if (one.axes, other.axes) == ((sequence, rows), (sequence, columns)) and not one.role.is_data:
                for lower, upper in ((0, 0), (0, -1), (1, 0)):
                    there, behind = (ast.unparse(shifted(step, by)) for by in (lower, upper))
                    if one is not other or lower != upper:
                        yield Meaning(_read(f"jac({one.name}[{there}], {other.name}[{behind}])"), True)


def _has_gradient(variable: Variable) -> bool:
    return not variable.role.is_integer and variable.role is not Role.START and variable.name != "loss"


def _read(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


Known = tuple[list[Meaning], Array]  # meanings, and the values of each in a row


class Meant:
    """The values of one definition, and of what it may stand for, at the first point.

    A name is natural where it stands for something of the model, with a sign or without: nothing speaks against it.
    """

    def __init__(
        self, derivation: Derivation, definition: Claim, shared: dict[str, Known], settled: Collection[str] = ()
    ) -> None:
        """What a definition may stand for.

        Args:
            derivation: the derivation.
            definition: the line.
            shared: what lines over the same steps and entries may stand for, as far as that is known.
            settled: the names that stand for gradients, whatever their lines read.
        """
        self._reads_itself = definition.head in derivation.depends_on(definition, settled)
        self.derivation, self.definition = derivation, definition
        self.setting = Setting(derivation, definition)
        self.values = Values(derivation, definition)
        self._shared = shared

    @cached_property
    def _gradients(self) -> Known:
        return self._known("gradients", lambda: gradients(self.derivation, self.definition))

    @cached_property
    def _others(self) -> Known:
        return self._known("others", lambda: list(self._of_the_model()))

    def _of_the_model(self) -> Iterator[Meaning]:
        """Factors, gradients and terms of the model; none that rests on a name of the person's own.

        Nobody needs another name for a variable of the model: that is more likely a term with something missing.
        """
        right, setting = self.definition.line.right, self.setting
        trees = [*setting.slopes_at(right), *setting.values_at(right), *setting.sums_at(right)]
        for tree in [*trees, *(term.node for term in setting.others_at(right))]:
            named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            if named.isdisjoint(self.derivation.vocabulary.own) and (is_gradient(tree) or not is_atom(tree)):
                yield Meaning(tree)

    def _known(self, kind: str, wanted: Callable[[], list[Meaning]]) -> Known:
        """The values of some meanings, each number once; those of lines over the same steps and entries are one."""
        line = self.definition.line
        given = [ast.unparse(node) for node in (*subscripts(line.left), *line.conditions)]
        axes = self.derivation.vocabulary.own[self.definition.head].axes
        key = f"{kind} {given} {axes} {self.definition.without}"
        if key not in self._shared:
            self._shared[key] = self._valued(wanted())
        return self._shared[key]

    def _valued(self, wanted: Sequence[Meaning]) -> Known:
        found: list[Meaning] = []
        arrays: list[Array] = []
        try:
            for meaning in wanted:
                value = self.values.value(meaning.tree)
                if value is not None and not any(np.array_equal(value, known) for known in arrays):
                    found.append(meaning)
                    arrays.append(value)
        except Spent:
            self.values.forgive()
        return found, np.array([array.ravel() for array in arrays])

    @cached_property
    def is_natural(self) -> bool:
        """Whether the definition stands for something of the model as it is."""
        goal = self.values.goal
        return any(_equal(known, sign * goal).size > 0 for known in self._all() for sign in (1, -1))

    def _all(self) -> Iterator[Known]:
        yield self._gradients
        yield self._others

    @cached_property
    def reached(self) -> list[tuple[Meaning, Mistake, Mend]]:
        """What undoing one mistake makes of the definition, where that stands for something; the likeliest first."""
        if self._reads_itself:
            return list(self._reached_again())
        found: list[tuple[Meaning, Mistake, Mend]] = []
        several = list(self._all())
        self.values.forgive()
        try:
            for row, mend in _edits(self.definition.line.right, self.setting):
                value = self.values.value(mend.tree)
                for meanings, arrays in several if value is not None and np.any(value) else ():
                    for n in _equal((meanings, arrays), value):
                        if not any(meanings[n] is other for other, _, _ in found):
                            found.append((meanings[n], row, mend))
        except Spent:
            pass
        return sorted(found, key=lambda one: not one[0].is_gradient)

    def _reached_again(self) -> Iterator[tuple[Meaning, Mistake, Mend]]:
        """The same for a definition that reads itself at another step: there it stands for what it is meant to be."""
        for meaning in self._gradients[0]:
            side = side_of(self.derivation, self.definition, ast.unparse(meaning.tree))
            if isinstance(side, Fault):
                continue
            meant = self.derivation.with_definitions([(self.definition, side)])
            values = Values(meant, self.definition)
            try:
                tried = _edits(self.definition.line.right, Setting(meant, self.definition))
                for row, mend in islice(tried, AGAIN):
                    value = values.value(mend.tree)
                    if value is not None and values.is_small(values.goal - value):
                        yield meaning, row, mend
                        break
            except Spent:
                pass


def _equal(known: Known, value: Array | None) -> Array:
    """Which of some meanings have a value."""
    arrays = known[1]
    if value is None or not arrays.size or arrays.shape[1] != value.size:
        return np.zeros(0, dtype=int)
    scale = max(float(np.abs(value).max()), SMALLEST)
    return np.nonzero(np.abs(arrays - value.ravel()).max(axis=1) <= ROUGH * scale)[0]


def _edits(right: ast.expr, setting: Setting, each: int = EDITS) -> Iterator[tuple[Mistake, Mend]]:
    """Forms of a right side with one mistake undone."""
    count = 0
    for row in table():
        for mend in islice(row.undo(right, setting), each):
            count += 1
            if count > EDITS:
                return
            yield row, mend


def edits(derivation: Derivation, definition: Claim, most: int, each: int = EDITS) -> Sequence[tuple[Mistake, Mend]]:
    """Some forms of a definition with one mistake undone, the likeliest first; of each mistake no more than `each`."""
    found = []
    for pair in _edits(definition.line.right, Setting(derivation, definition), each):
        found.append(pair)
        if len(found) == most:
            break
    return found
