"""A public function of a generated module as Python: signature, arguments, checks, body, what it returns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from derive.emit.numpy.checks import Checks
from derive.emit.numpy.defaults import literal
from derive.emit.numpy.interface import Argument, Body
from derive.emit.numpy.names import MODULE
from derive.emit.numpy.sizes import spell
from derive.emit.numpy.text import folded, for_comment, for_docstring, table, unpacked, wrapped
from derive.emit.render import render
from derive.expressions import AxisKind
from derive.system import Role

# What the functions use of the module: a keyword of such a name would hide it.
_GLOBAL = frozenset((*MODULE, "Outputs"))


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

    def text(self) -> str:
        """The function as Python; two functions where a keyword would hide something that the body uses."""
        names = self.checks.names
        asked = {names.size[size]: "int" for size in self.checks.asked}
        keywords = {a.keyword: annotation(a) for a in self.given if a.required} | asked
        keywords |= {a.keyword: annotation(a) for a in self.given if not a.required} | dict(self.after)
        positional = [f"{name}: {kind}" for name, kind in (("params", "Params"), *self.before)]
        signature = [*positional, *(["*"] if keywords else []), *(f"{k}: {kind}" for k, kind in keywords.items())]
        locals_ = {a.keyword: a.local(names) for a in self.given}
        if not keywords.keys() & _GLOBAL:
            lines = self._lines({keyword: keyword for keyword in locals_})
            return function_text(self.name, signature, self.returns, self.title, self._table(), lines)
        first = ["params", *(name for name, _ in self.before)]
        call = folded(f"return _{self.name}(", [*first, *keywords], ")", 4)
        inner = [*first, *(locals_.get(keyword, keyword) for keyword in keywords)]
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
        used = identifiers((*self.body.lines, *self.closing))
        params = [names.variable[v.name] for v in self.checks.system.with_role(Role.PARAM)]
        unpacking = unpacked(params, "params", 4) if used.intersection(params) else []
        return [*self._checked(locals_), *unpacking, *self.opening, "", *self.body.lines, "", *self.closing]

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
        needed = {a.keyword for a in self.given if a.required}
        passed += [f"{self.checks.whole}=True"] if border.partial and needed.issuperset(border.partial) else []
        call = f"{border.name}({', '.join(passed)})"
        return unpacked(self.checks.returns, call, 4)

    def _table(self) -> list[str]:
        """The arguments with their shapes."""
        rows = [(a.keyword, shape_text(a), values_text(a), for_docstring(for_comment(meaning(a)))) for a in self.given]
        rows += [(self.checks.names.size[s], "", "whole number >= 1", "") for s in self.checks.asked]
        note = (
            ["", "Data without the axis B are one example."] if any(a.variable.is_batched for a in self.given) else []
        )
        return [*table(rows), *note] if rows else []


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


def values_text(argument: Argument) -> str:
    """What values it holds."""
    variable = argument.variable
    if variable.classes is None:
        return "real"
    last = spell(variable.classes - 1)
    return f"0..{last}"


def meaning(argument: Argument) -> str:
    """What it is."""
    variable = argument.variable
    if variable.role is not Role.START or variable.start is None:
        return variable.comment
    lags = len(argument.variables)
    steps = ", ".join(f"{v.start.of}[{spell(v.start.step)}]" for v in argument.variables if v.start is not None)
    return f"{steps}{', the oldest first' if lags > 1 else ''}; {_default_text(argument)} where not given"


def _default_text(argument: Argument) -> str:
    defaults = [literal(v.default or 0).removesuffix(".0") for v in argument.variables]
    return defaults[0] if len(set(defaults)) == 1 else ", ".join(defaults)
