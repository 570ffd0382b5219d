"""A model that was read: its equations and its gradient, and all the ways in which it shows, runs and checks itself."""

from __future__ import annotations

import builtins
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

from derive.emit.shown import Equations, Shown, Steps, Told, unknown
from derive.gradient import Gradient as Gradient
from derive.stages import STYLES as STYLES
from derive.stages import Stages

if TYPE_CHECKING:
    from derive.bench.memory import Memory
    from derive.check.hand.result import HandReport
    from derive.check.report import Report
    from derive.emit.graph.drawing import Drawing
    from derive.emit.latex.printer import Derivative, Time


@dataclass(frozen=True, repr=False)
class Model(Stages, Shown):
    """A model that was read; `model["h"]` are its equations of `h`.

    Attributes:
        system: its equations.
        file: where they were read from; a name in angle brackets for a text.
    """

    def latex(
        self,
        notation: Literal["array", "index", "both"] = "array",
        gradient: Derivative = "nabla",
        time: Time = "superscript",
        fragment: bool = False,
    ) -> str:
        r"""The derivation as a LaTeX document: equations, symbols, gradient step by step, costs.

        >>> import derive
        >>> tex = derive.parse("w: Param[n]\nx: Input[n]\nloss = dot(w, x)").latex(fragment=True)
        >>> [line.strip() for line in tex.splitlines() if "nabla" in line]
        ['\\nabla_{\\boldsymbol{w}} L & = \\boldsymbol{x}', '\\nabla_{\\boldsymbol{x}} L & = \\boldsymbol{w}']

        Args:
            notation: `array`, `index`, or `both`, one behind the other.
            gradient: how a gradient is written: `nabla`, `partial` or `delta`.
            time: where the step stands: `superscript` or `subscript`.
            fragment: the equations alone, for a paper; a comment names the packages that they need.

        Raises:
            DeriveError: there is no such way to write, or the loss depends on nothing that has a gradient.
        """
        from derive.emit import latex

        options = latex.Options(notation, gradient, time)
        return (latex.fragment if fragment else latex.document)(self.system, self.gradient().traced, options)

    def html(
        self,
        notation: Literal["array", "index", "both"] = "array",
        gradient: Derivative = "nabla",
        time: Time = "superscript",
        verify: bool | Report = True,
    ) -> str:
        """The derivation as an HTML page that needs nothing but itself, with the code beside its equations.

        Args:
            notation: `array`, `index` or `both`.
            gradient: how a gradient is written, as in `latex`.
            time: where the step stands, as in `latex`.
            verify: whether the generated code is verified, or what that found.
        """
        from derive.check.report import TITLES
        from derive.emit import html

        made = html.Code(self._differentiated, self.generate("plain"), self.generate("fast"))
        # A report of what does not hold is false.
        report = self.verify() if verify is True else verify
        found = None if report is False else html.checked(report, TITLES)
        return html.page(self.system, self.gradient().traced, made, found, html.Options(notation, gradient, time))

    def compile(self, style: str = "fast") -> types.ModuleType:
        """The generated module, in memory."""
        return compiled(self, style)

    def check(self, text: str, hints: bool = False) -> HandReport:
        """A derivation of this model's gradient, made by hand: what is said of each line.

        Args:
            text: the derivation, as in a `.hand.eq` file or in LaTeX.
            hints: whether to say only where something is wrong.
        """
        from derive.check.hand import check_hand
        from derive.check.tex.regions import is_tex

        if is_tex(text):
            from derive.check.tex import check_tex

            return check_tex(self, text, hints=hints)
        return check_hand(self, text, hints=hints)

    def verify(self, seed: int = 0) -> Report:
        """The generated module checked against finite differences, complex steps and the equations themselves.

        Args:
            seed: what the random data are drawn with.
        """
        from derive.check.gradients import verify

        return verify(self, seed)

    def memory(self, sizes: Mapping[str, int] | None = None, dtype: str = "float32") -> Memory:
        """What `loss_and_grad` keeps of the forward pass: formulas in the sizes, and bytes.

        Args:
            sizes: sizes by name; usual ones for those that are missing.
            dtype: `float32` or `float64`.

        Raises:
            DeriveError: the model has no such size, or the loss depends on nothing that has a gradient.
        """
        from derive.bench.cost import Cost
        from derive.bench.memory import memory
        from derive.bench.sizes import Known, complete
        from derive.calculus.batch import add_batch

        cost = Cost(self.programs())
        known = complete(sizes or {}, Known.of(add_batch(self.system)), cost)
        return memory(cost.programs, known, dtype, self.segment)

    def draw(self, unfold: int | None = None, gradient: bool = False) -> Drawing:
        """The circuit and the graph unfolded over a few steps; it shows itself in a notebook.

        Args:
            unfold: how many steps are drawn, 0 for the circuit alone; both without it.
            gradient: whether the way that the gradient takes back is drawn too.

        Raises:
            DeriveError: that many steps are not drawn, or the loss depends on nothing that has a gradient.
        """
        from derive.emit.graph.figures import draw

        return draw(self.system, self.gradient().traced if gradient else None, unfold)

    @cached_property
    def _shown(self) -> Equations:
        return Equations(self.system, self.system.equations)

    def __iter__(self) -> Iterator[str]:
        """The names that `model[name]` takes, in the order of the file."""
        return (name for name in self.system.defining if name.isidentifier())

    def __getitem__(self, name: str) -> Told:
        r"""The equations of one variable, with its starts.

        >>> import derive
        >>> print(derive.load("vanilla")["h"])
        h[0] = 0
        h[t] = tanh(a[t])

        Raises:
            DeriveError: no equation defines it.
        """
        if name not in set(self):
            given = self.system.by_name.get(name)
            raise unknown(name, self, "there are no equations of", f": it is {given.role.value}" if given else "")
        return Told(self.system, self.system.defining[name], name=name, tell=self._steps)

    def _steps(self, name: str) -> Steps:
        """How the equations of a variable are rewritten before they are differentiated."""
        from derive.emit.derivation import Stage, rewritten_stories
        from derive.emit.derivation.rules import GIVEN

        traced = self.gradient().traced
        found = {story.of.name: story.stages for story in rewritten_stories(self.system, traced, alone=True)}
        return Steps(traced.system, found.get(name) or (Stage((GIVEN,), self[name].written("index").lines),))

    def _repr_latex_(self) -> str:
        return self._shown._repr_latex_()

    def __str__(self) -> str:
        """The equations in array notation, a line each."""
        return str(self._shown)


@lru_cache(maxsize=64)
def compiled(model: Model, style: str) -> types.ModuleType:
    """The generated module of a model, in memory; the same one each time."""
    import linecache

    text = model.generate(style)
    name = f"<derive {model.name} {style}>"
    module = types.ModuleType(f"derive_generated_{model.name}")
    module.__file__ = name
    # Tracebacks then show the generated lines.
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    # The text is derive's own: every name in it was checked, every comment escaped.
    exec(builtins.compile(text, name, "exec"), module.__dict__)
    return module
