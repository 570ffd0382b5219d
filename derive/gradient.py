"""A derived gradient: its equations, each of them by the name of its variable, and how they came to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import sympy

from derive.calculus.trace import Step, Traced
from derive.emit.notation import Notation, forms
from derive.emit.shown import Equations, Shown, Steps, Told, unknown
from derive.expressions import refs
from derive.system import Equation, Role, System

if TYPE_CHECKING:
    from derive.emit.derivation import Story
    from derive.emit.latex.printer import Derivative, Time


class Derived(Told):
    """The equations of the gradient by one variable, at its steps and at those before its first."""

    @cached_property
    def lines(self) -> tuple[forms.Line, ...]:
        """A form for each line; one that says zero where the loss does not depend on the variable."""
        return super().lines or (_zero(self.name),)


@dataclass(frozen=True, repr=False)
class Gradient(Shown):
    """A model's derived gradient.

    Attributes:
        traced: the system with its gradient, and every step that led to it.
    """

    traced: Traced

    @property
    def system(self) -> System:
        """The prepared forward equations and those of the gradient, of one example."""
        return self.traced.system

    @property
    def trace(self) -> tuple[Step, ...]:
        """What each rule changed, in order."""
        return self.traced.steps

    @property
    def equations(self) -> tuple[Equation, ...]:
        """The equations of the gradient alone."""
        names = {variable.name for variable in self.system.with_role(Role.GRAD)}
        return tuple(equation for equation in self.system.equations if equation.target in names)

    @property
    def definitions(self) -> tuple[Equation, ...]:
        """What names of no file stand for in the gradient's equations: those of parts of the model, as `e.arg`."""
        parts = {v.name for v in self.system.with_role(Role.VAR) if v.is_generated}
        used: set[str] = set()
        waiting = list(self.equations)
        while waiting:
            equation = waiting.pop()
            named = {equation.target, *(ref.name for ref in refs(equation.right))}
            found = (parts & {name.removeprefix("grad(").removesuffix(")") for name in named}) - used
            used |= found
            waiting += [other for other in self.system.equations if other.target in found]
        return tuple(equation for equation in self.system.equations if equation.target in used)

    def __iter__(self) -> Iterator[str]:
        """The names that `gradient[name]` takes, from the loss back."""
        names = dict.fromkeys(_by(equation) for equation in self.equations)
        # Of no equation: the loss does not depend on them.
        names |= dict.fromkeys(variable.name for variable in self.system.with_role(Role.PARAM, Role.INPUT))
        return (name for name in names if self.system.by_name[name].role is not Role.START)

    def __getitem__(self, name: str) -> Derived:
        r"""The gradient by one variable.

        >>> import derive
        >>> print(derive.parse("w: Param[n]\nx: Input[n]\nloss = dot(w, x)").gradient()["w"])
        ∇w = x

        Raises:
            DeriveError: there is none, with the reason.
        """
        self._check(name)
        starts = {v.name for v in self.system.with_role(Role.START) if v.start is not None and v.start.of == name}
        shown = tuple(equation for equation in self.equations if _by(equation) in {name, *starts})
        return Derived(self.system, shown, name=name, tell=self.steps)

    def steps(self, name: str) -> Steps:
        """How the gradient by one variable came to be.

        Raises:
            DeriveError: there is no such gradient, with the reason.
        """
        self._check(name)
        from derive.emit.derivation import Stage

        story = self._stories.get(name)
        return Steps(self.system, story.stages if story else (Stage(("drop what is zero",), (_zero(name),)),))

    @cached_property
    def _stories(self) -> dict[str, Story]:
        from derive.emit.derivation import gradient_stories

        return {story.of.name: story for story in gradient_stories(self.traced)}

    def _check(self, name: str) -> None:
        names = list(self)
        if name in names:
            return
        variable = self.system.by_name.get(name)
        why = ""
        if variable is not None:
            unread = variable.role in (Role.VAR, Role.START)
            why = ": nothing that the loss is computed from reads it" if unread else f": it is {variable.role.value}"
        raise unknown(name, names, "there is no gradient by", why)

    @cached_property
    def _shown(self) -> Equations:
        return Equations(self.system, self.equations)

    def written(self, notation: Notation) -> Equations:
        """All of the equations in a notation: `array` or `index`."""
        return self._shown.written(notation)

    def latex(self, gradient: Derivative = "nabla", time: Time = "superscript") -> str:
        """All of the equations as an `align*` environment; see `Equations.latex`."""
        return self._shown.latex(gradient, time)

    def _repr_latex_(self) -> str:
        return self._shown._repr_latex_()

    def __str__(self) -> str:
        """The equations in array notation, a line each, then what generated names stand for."""
        return str(self._shown)


def _by(equation: Equation) -> str:
    """The variable that an equation of the gradient is by."""
    return equation.target.removeprefix("grad(").removesuffix(")")


def _zero(name: str) -> forms.Line:
    """What there is to say where the loss does not depend on a variable."""
    return forms.Line(forms.Variable(name, gradients=1), forms.Number(sympy.Integer(0)))
