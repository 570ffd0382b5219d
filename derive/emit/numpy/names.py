"""Python names for what a generated function holds; where two meet, the model's own name stays."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

from derive.system import Role, System, Variable

# What a function's body uses besides the model's names; these give way to the model's.
LOCALS = ("dtype", "single", "result", "gradient")
# What the module itself defines or imports: a local of the same name would hide it.
MODULE = (
    "np",
    "range",
    "max",
    "min",
    "len",
    "float",
    "int",
    "list",
    "tuple",
    "isinstance",
    "ValueError",
    "NamedTuple",
    "Params",
    "Forward",
    "State",
    "FreeRun",
)


def keyword_of_start(variable: Variable) -> str:
    """The keyword of a start: `h0`, or `g_end` for a recurrence from right to left."""
    assert variable.start is not None
    return f"{variable.start.of}_end" if variable.start.step.free_symbols else f"{variable.start.of}0"


class Names:
    """The identifiers of one module.

    Attributes:
        variable: identifier of each variable's array inside a function.
        keyword: for what a caller gives, the keyword (`h0` for the starts of `h`).
        size: identifier of each size symbol, by its name.
        local: identifier of each of `LOCALS`.
        steps: identifiers of lists of an array's steps, by what they are lists of.
    """

    def __init__(self, system: System, sizes: Iterable[str]) -> None:
        """Names for a system with its gradient; `sizes` are the names of all size symbols, the batch's "B" last."""
        own = [v for v in system.variables if not v.is_generated]
        self._taken = set(MODULE) | set(keyword.kwlist)
        self.variable = {v.name: self._free(v.name) for v in own}
        self._taken |= {v.name for v in own}
        self.keyword = {v.name: v.name for v in own if v.role.is_given}
        self.size = {name: self._free(name) for name in sizes}
        for v in system.variables:
            if v.role is Role.START:
                self.keyword[v.name] = (
                    keyword_of_start(v) if keyword_of_start(v) not in self.keyword else f"{keyword_of_start(v)}_"
                )
        for v in system.variables:
            if v.is_generated:
                self.variable[v.name] = self._free(readable(v.name, self.variable))
        self.local = {name: self._free(name) for name in LOCALS}
        self._indices: dict[str, str] = {}
        self.steps: dict[tuple[str, str], str] = {}

    def index(self, name: str) -> str:
        """The identifier of a loop's index."""
        if name not in self._indices:
            self._indices[name] = self._free(name)
        return self._indices[name]

    def stack(self, name: str, members: list[str]) -> str:
        """The identifier of an array that holds several variables, made of theirs: `W_ifog` for `W_i`, `W_f`, ...."""
        if name not in self.variable:
            self.variable[name] = self._free(joined([readable(member, self.variable) for member in members], members))
        return self.variable[name]

    def made(self, name: str) -> str:
        """The identifier of an array that the schedule adds to the system's variables."""
        if name not in self.variable:
            stem, _, what = name.rpartition(".")
            wanted = f"{self.variable[stem]}_{what}" if stem in self.variable else readable(name, self.variable)
            self.variable[name] = self._free(wanted)
        return self.variable[name]

    def free(self, wanted: str) -> str:
        """An identifier for a temporary, derived from `wanted`, that nothing else has."""
        return self._free(re.sub(r"\W+", "_", wanted).strip("_"))

    def numbered(self, wanted: str) -> str:
        """An identifier that nothing else has: `h_at`, `h_at2`, ...."""
        count = 1
        while (name := wanted if count == 1 else f"{wanted}{count}") in self._taken:
            count += 1
        return self._free(name)

    def _free(self, wanted: str) -> str:
        while wanted in self._taken:
            wanted += "_"
        self._taken.add(wanted)
        return wanted


def readable(name: str, known: dict[str, str]) -> str:
    """An identifier for a generated name: `grad(h)` is `dh`, `yhat.lse` is `yhat_lse`, `h.0` is `h0`.

    >>> readable("grad(i.arg)", {}), readable("h.-1", {}), readable("g.T + 1", {}), readable("g.T + 2", {})
    ('di_arg', 'h_1', 'g_end', 'g_end2')
    """
    if name.startswith("grad("):
        return "d" + readable(name[5:-1], known)
    stem, _, what = name.partition(".")
    if what.lstrip("-").isdigit():
        return f"{stem}{what.replace('-', '_')}"
    if behind := re.fullmatch(r"[A-Z]\w* \+ (\d+)", what):
        return f"{stem}_end" if behind[1] == "1" else f"{stem}_end{behind[1]}"
    return re.sub(r"\W+", "_", f"{stem}_{what}" if what else stem)


def joined(names: list[str], members: list[str]) -> str:
    """One name for several: what they share, with what differs put together.

    >>> joined(["W_i", "W_f", "W_o"], []), joined(["di_arg", "df_arg"], []), joined(["alpha", "z"], [])
    ('W_ifo', 'dif_arg', 'alpha_z')
    >>> joined(["n_sum", "r_arg"], ["n.sum", "r.arg"])
    'nr_parts'
    """
    prefix = _shared(names)
    tails = [name[len(prefix) :] for name in names]
    suffix = _shared([tail[::-1] for tail in tails])[::-1]
    middles = [tail[: len(tail) - len(suffix)] for tail in tails]
    if not all(middles):
        prefix, suffix, middles = "", "", names
    if not suffix and members and all("." in member for member in members):
        prefix = "d" if members[0].startswith("grad(") else ""
        middles, suffix = [member.removeprefix("grad(").partition(".")[0] for member in members], "_parts"
    glue = "" if all(len(middle) <= 2 for middle in middles) else "_"
    whole = f"{prefix}{glue.join(middles)}{suffix}"
    return whole if len(whole) <= 40 else f"{names[0]}_to_{names[-1]}"


def _shared(names: list[str]) -> str:
    """What all names begin with."""
    length = next(
        (n for n, letters in enumerate(zip(*names, strict=False)) if len(set(letters)) > 1), min(map(len, names))
    )
    return names[0][:length]
