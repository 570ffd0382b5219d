"""What a function makes before its statements: arrays, and lists of an array's steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from derive.program import Part
from derive.schedule.sharing import Memory, Region


@dataclass
class Arrays:
    """The arrays of one function, in the order in which it first needs them.

    Attributes:
        lines: by the name that it binds, a line that makes an array or a list of views of one.
        before: lines that stand before the next statement, of arrays that only this call has.
        memory: the variables whose array is that of another one, which is not needed any more.
        stable: the variables whose arrays stay what they are, so that views of them do.
        parts: the variables that are entries of stacks.
        by_step: the stacks in which the entries of one step may lie side by side.
        kept: whether `lines` are made once and used by later calls of the same sizes.
    """

    kept: bool
    lines: dict[str, str] = field(default_factory=dict)
    memory: Mapping[str, Memory] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)
    stable: set[str] = field(default_factory=set)
    parts: dict[str, Part] = field(default_factory=dict)
    by_step: set[str] = field(default_factory=set)
    _scopes: list[set[str]] = field(default_factory=lambda: [set()])

    def memory_of(self, name: str) -> tuple[str | Region, ...]:
        """Where an array lies: the variable that has the memory, and which part of which part of it."""
        if name not in self.memory:
            return (name,)
        found = self.memory[name]
        around = self.memory_of(found.host.variable.name)
        return around if found.region is None else (*around, found.region)

    def enter(self) -> None:
        """Statements that run under a condition: what they make is theirs."""
        self._scopes.append(set())

    def leave(self) -> None:
        """The end of such statements."""
        self._scopes.pop()

    @property
    def lasting(self) -> bool:
        """Whether what is provided now stays for later calls."""
        return self.kept and len(self._scopes) == 1

    def has(self, name: str) -> bool:
        """Whether a name is bound here."""
        return name in self.lines or any(name in scope for scope in self._scopes)

    def provide(self, name: str, value: str) -> None:
        """Bind a name to an array, unless it is."""
        if self.has(name):
            return
        if self.lasting:
            self.lines[name] = value
        else:
            self._scopes[-1].add(name)
            self.before.append(f"{name} = {value}")

    def flushed(self, lines: Iterable[str]) -> list[str]:
        """The lines of a statement, behind those that make what it needs."""
        found = [*self.before, *lines]
        self.before.clear()
        return found
