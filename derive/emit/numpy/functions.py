"""A public function of a generated module as Python: signature, arguments, checks, body, what it returns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from derive.emit.numpy.checks import Checks
from derive.emit.numpy.defaults import literal
from derive.emit.numpy.interface import Argument, Body, is_sequence, node_axis
from derive.emit.numpy.names import MODULE
from derive.emit.numpy.sizes import spell
from derive.emit.numpy.text import folded, for_comment, for_docstring, packed, table, unpacked, wrapped
from derive.emit.render import render
from derive.expressions import AxisKind
from derive.system import Role, System

# What the functions use of the module: a keyword of such a name would hide it.
GLOBAL = frozenset((*MODULE, "Outputs", "FreeRun"))


@dataclass(frozen=True)
class Function:
    """One public function.

    Attributes:
        name: its name.
        title: the first line of its docstring.
        returns: what it returns, as an annotation.
        body: its statements.
        given: its arguments by keyword.
        checks: the helper that checks them.
        before: what stands before its keywords besides `params`: name and annotation.
        after: keywords of its own, each with annotation and default.
        opening: lines before the body.
        closing: lines after the body.
        rows: of its own keywords, what its docstring's table says.
        beginning: lines before all others.
        instead_of: for a private function, the public one that turns to it.
        instead: for a public function, the private one to which it turns.
        turns_for: the keywords of its own for which it turns, where one is not None.
    """

    name: str
    title: str
    returns: str
    body: Body
    given: tuple[Argument, ...]
    checks: Checks
    before: tuple[tuple[str, str], ...] = ()
    after: tuple[tuple[str, str], ...] = ()
    opening: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    beginning: tuple[str, ...] = ()
    instead_of: str = ""
    instead: Function | None = None
    turns_for: tuple[str, ...] = ()

    def text(self) -> str:
        """The function as Python; two functions where a keyword would hide something that the body uses."""
        names = self.checks.names
        asked = {names.size[size]: "int" for size in self.checks.asked}
        keywords = {a.keyword: annotation(a) for a in self.given if a.required} | asked
        keywords |= {a.keyword: annotation(a) for a in self.given if not a.required} | dict(self.after)
        positional = [f"{name}: {kind}" for name, kind in (("params", "Params"), *self.before)]
        signature = [*positional, *(["*"] if keywords else []), *(f"{k}: {kind}" for k, kind in keywords.items())]
        hides = bool(keywords.keys() & GLOBAL)
        locals_ = {a.keyword: a.local(names) if hides else a.keyword for a in self.given}
        first = ["params", *(name for name, _ in self.before)]
        inner = [*first, *(locals_.get(keyword, keyword) for keyword in keywords)]
        if self.instead_of:
            return function_text(self.name, inner, "", self.title, [], self._lines(locals_))
        if not hides:
            return function_text(self.name, signature, self.returns, self.title, self._table(), self._lines(locals_))
        call = folded(f"return _{self.name}(", [*first, *keywords], ")", 4)
        return "\n\n".join(
            (
                function_text(self.name, signature, self.returns, self.title, self._table(), call),
                function_text(
                    f"_{self.name}", inner, "", f"`{self.name}`, its arguments renamed.", [], self._lines(locals_)
                ),
            )
        )

    def _lines(self, locals_: Mapping[str, str]) -> list[str]:
        """All statements; `locals_` are the names that the arguments have here, by keyword."""
        names = self.checks.names
        used = identifiers((*self.body.text, *self.closing))
        params = [names.variable[v.name] for v in self.checks.system.with_role(Role.PARAM)]
        unpacking = unpacked(params, "params", 4) if used.intersection(params) else []
        checked = [*self.beginning, *self._turned(locals_), *self._checked(locals_)]
        return [*checked, *unpacking, *self.opening, "", *self._arrays(), *self.body.lines, "", *self.closing]

    def _arrays(self) -> list[str]:
        """The arrays that a workspace keeps."""
        if not self.body.arrays:
            return []
        call = f"_as_workspace(workspace).arrays({', '.join((self.maker, *self.maker_takes))})"
        return unpacked([name for name, _ in self.body.arrays], call, 4)

    @property
    def maker(self) -> str:
        """The name of the function that makes these arrays."""
        return f"_{self.name.lstrip('_')}_arrays"

    @property
    def maker_takes(self) -> tuple[str, ...]:
        """What it takes: sizes, and the dtype."""
        names = self.checks.names
        used = identifiers(tuple(value for _, value in self.body.arrays))
        return tuple(local for local in (*names.size.values(), names.local["dtype"]) if local in used)

    def maker_text(self) -> str:
        """It as Python."""
        lines = [f"{name} = {value}" for name, value in self.body.arrays]
        lines += packed([name for name, _ in self.body.arrays], 4)
        title = f"The arrays that `{self.name}` writes, and lists of their steps."
        return function_text(self.maker, self.maker_takes, "", title, [], lines)

    def _turned(self, locals_: Mapping[str, str]) -> list[str]:
        """The call of the private function that does what these statements do not."""
        if self.instead is None:
            return []
        private = self.instead
        given = [locals_[a.keyword] for required in (True, False) for a in private.given if a.required is required]
        places = sum(a.required for a in private.given)
        sizes = [self.checks.names.size[size] for size in private.checks.asked]
        passed = ["params", *(name for name, _ in self.before), *given[:places], *sizes, *given[places:]]
        condition = " or ".join(f"{name} is not None" for name in self.turns_for)
        call = folded(f"return {private.name}(", [*passed, *(name for name, _ in private.after)], ")", 4)
        return [f"if {condition}:", *(f"    {line}" for line in call)]

    def _checked(self, locals_: Mapping[str, str]) -> list[str]:
        """The call of the checks."""
        border = self.checks.border
        own = {a.keyword: a for a in self.given}
        passed = ["params", *(name for name, _ in self.before)]
        for argument in border.given:
            default = argument.variable.default
            missing = literal(default) if argument.variable.role is Role.CONST and default is not None else "None"
            passed.append(locals_[argument.keyword] if argument.keyword in own else missing)
        passed += [self.checks.names.size[size] for size in self.checks.asked]
        passed += [self.checks.names.local["batch"]] if border.by_number else []
        passed += self.checks.extra
        needed = {a.keyword for a in self.given if a.required}
        passed += [f"{self.checks.whole}=True"] if border.partial and needed.issuperset(border.partial) else []
        call = f"{border.name}({', '.join(passed)})"
        return unpacked(self.checks.returns, call, 4)

    def _table(self) -> list[str]:
        """The arguments with their shapes."""
        system = self.checks.system
        rows: list[tuple[str, ...]] = [
            (a.keyword, shape_text(a), values_text(a, system), for_docstring(for_comment(meaning(a))))
            for a in self.given
        ]
        rows += [(self.checks.names.size[s], "", "whole number >= 1", "") for s in self.checks.asked]
        rows = [*rows, *self.rows]
        note = (
            ["", "Data without the axis B are one example."] if any(a.variable.is_batched for a in self.given) else []
        )
        return [*table(rows, 4), *note] if rows else []


_NAME = re.compile(r"(?<![\w.\"])[A-Za-z_]\w*(?!\")")


@cache
def identifiers(lines: tuple[str, ...]) -> frozenset[str]:
    """The names that statements mention, attributes, strings and comments left out."""
    code = (line for line in lines if not line.lstrip().startswith("#"))
    return frozenset(name for line in code for name in _NAME.findall(line))


def function_text(
    name: str, signature: Sequence[str], returns: str, title: str, rows: Sequence[str], lines: Iterable[str]
) -> str:
    """A function as Python."""
    closing = f") -> {returns}:" if returns else "):"
    opening = "\n".join(folded(f"def {name}(", signature, closing))
    kept: list[str] = []
    for line in (part for whole in lines for part in wrapped(whole)):
        if line or (kept and kept[-1]):  # one empty line at a time
            kept.append(line)
    while kept and not kept[-1]:
        kept.pop()
    return render("numpy/function.j2", signature=opening, title=title, table=rows, lines=kept)


def annotation(argument: Argument) -> str:
    """Type and default of a keyword."""
    default = argument.variable.default
    if argument.variable.role is Role.CONST and default is not None:
        kind = "np.ndarray | float" if argument.variable.axes else "float"
        return f"{kind} = {literal(default)}"
    return "np.ndarray" if argument.required else "np.ndarray | None = None"


def shape_text(argument: Argument) -> str:
    """The shape as people write it: `(T, B, n_x)`."""
    letters = ["B" if axis.kind is AxisKind.BATCH else spell(axis.size) for axis in argument.axes]
    return f"({', '.join(letters)})" if letters else "number"


def values_text(argument: Argument, system: System) -> str:
    """What values it holds."""
    variable = argument.variable
    if variable.classes is None:
        return "real"
    if node_axis(variable) is not None:
        return "0..k-1 at node k"
    counts_from_1 = is_sequence(system, variable.classes)
    return f"0..{spell(variable.classes if counts_from_1 else variable.classes - 1)}"


def meaning(argument: Argument) -> str:
    """What it is."""
    variable = argument.variable
    if variable.role is not Role.START or variable.start is None:
        return variable.comment
    lags = len(argument.variables)
    steps = ", ".join(f"{v.start.of}[{spell(v.start.step)}]" for v in argument.variables if v.start is not None)
    order = "in the order of steps" if variable.start.step.free_symbols else "the oldest first"
    return f"{steps}{f', {order}' if lags > 1 else ''}; {_default_text(argument)} where not given"


def _default_text(argument: Argument) -> str:
    defaults = [literal(v.default or 0).removesuffix(".0") for v in argument.variables]
    return defaults[0] if len(set(defaults)) == 1 else ", ".join(defaults)
