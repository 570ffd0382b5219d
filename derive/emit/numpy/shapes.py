"""Python lines that compare shapes: the sizes that some arrays give, and what the others must then look like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from derive.emit.numpy.names import Names
from derive.emit.numpy.sizes import BATCH, Fix, Shaped, solve, spell, symbols
from derive.emit.numpy.text import folded, unpacked
from derive.expressions import AxisKind


class Shapes:
    """The comparison of some arrays.

    Attributes:
        fixes: the sizes that the arrays give.
        source: what gives each size.
        leader: the array that says whether there is a batch; None where none is there in every call.
    """

    def __init__(
        self, names: Names, arrays: Sequence[Shaped], known: Mapping[str, str] | None = None, by_number: bool = False
    ) -> None:
        """The comparison.

        Args:
            names: the module's identifiers.
            arrays: those that are there in every call, in the order in which they may give sizes.
            known: the sizes that are known already, and what gave them.
            by_number: whether the batch's size is known already, too.
        """
        self.names, self.arrays, self.by_number = names, arrays, by_number
        self.single, self.several = names.local["single"], names.local["batch_axis"]
        self.fixes = solve(arrays, names.size, known or {})
        self.source = dict(known or {}) | {fix.size: fix.array.label for fix in self.fixes}
        self.leader = next((a for a in arrays if a.batch is not None), None) if not by_number else None
        self._ranked: set[str] = set()

    def lines(self) -> list[str]:
        """Everything about the arrays that are always there."""
        lines = [line for fixes in self._grouped() for line in (*self._rank(fixes[0].array), *self._fix(fixes))]
        if self.leader is not None:
            lines += self._rank(self.leader)
        for array in self.arrays:
            own = {fix.axis for fix in self.fixes if fix.array is array and fix.plain}
            own |= {array.batch} if array is self.leader and array.batch is not None else set()
            if len(own) < len(array.axes) or not array.axes:
                lines += self.expect(array)
        return lines

    def leading(self, array: Shaped) -> list[str]:
        """The array that says whether there is a batch."""
        size = self.names.size[BATCH]
        return [
            f"{self.single} = {array.local}.ndim == {len(array.axes) - 1}",
            f'_rank("{array.label}", {array.local}, {strings(array.letters)}, {self.single})',
            f"{size} = 1 if {self.single} else {array.local}.shape[{array.batch}]",
            self.batch_axis(),
        ]

    def batch_axis(self) -> str:
        """What stands for the batch in a shape."""
        return f"{self.several} = () if {self.single} else ({self.names.size[BATCH]},)"

    def expect(self, array: Shaped) -> list[str]:
        """The comparison of a whole shape."""
        entries = [
            f"*{self.several}" if n == array.batch else spell(axis.size, self.names.size)
            for n, axis in enumerate(array.axes)
        ]
        passed = [f'"{array.label}"', array.local, group(entries), strings(array.letters), *self._why(array)]
        return folded("_expect(", passed, ")", 8)

    def one_example(self, array: Shaped) -> list[str]:
        """One example becomes a batch of one."""
        if array.batch is None:
            return []
        return [f"if {self.single}:", f"    {array.local} = {array.local}[{':, ' * array.batch}None]"]

    def _grouped(self) -> list[list[Fix]]:
        """The fixes by array, as far as their order allows."""
        groups: list[list[Fix]] = []
        for fix in self.fixes:
            if groups and groups[-1][0].array is fix.array:
                groups[-1].append(fix)
            else:
                groups.append([fix])
        return groups

    def _rank(self, array: Shaped) -> list[str]:
        """An array's rank, before its axes are read."""
        if array.label in self._ranked:
            return []
        self._ranked.add(array.label)
        letters = strings(array.letters)
        if array is self.leader:
            return self.leading(array)
        if array.batch is None:
            return [f'_rank("{array.label}", {array.local}, {letters})']
        assert self.leader is not None, array.label
        return [*self._rank(self.leader), f'_rank("{array.label}", {array.local}, {letters}, {self.single})']

    def _fix(self, fixes: Sequence[Fix]) -> list[str]:
        """The sizes that an array gives."""
        array = fixes[0].array
        own = [self.names.size[fix.size] for fix in fixes]
        if array.batch is None and [fix.axis for fix in fixes if fix.plain] == list(range(len(array.axes))):
            return unpacked(own, f"{array.local}.shape", 4)
        lines = []
        for fix, size in zip(fixes, own, strict=True):
            lines.append(f"{size} = {fix.code}")
            if not fix.plain:
                expected = f"expected ({', '.join(array.letters)}) with {fix.size} >= 1"
                message = f'f"{array.label}: shape {{{array.local}.shape}}, {expected}"'
                lines += [f"if {size} < 1:", f"    raise ValueError({message})"]
        return lines

    def _why(self, array: Shaped) -> list[str]:
        """Which other arrays gave the sizes that are expected."""
        found: dict[str, dict[str, None]] = {}
        for axis in array.axes:
            if axis.kind is AxisKind.BATCH:
                giver = "batch" if self.by_number else self.leader.label if self.leader else array.label
                if giver != array.label:
                    found.setdefault(giver, {})[BATCH] = None
                continue
            for size in symbols([axis.size]):
                if self.source.get(size, array.label) != array.label:
                    found.setdefault(self.source[size], {})[size] = None
        text = ", ".join(f"{_and(sizes)} from {label}" for label, sizes in found.items())
        return [f'"{text}"'] if text else []


def strings(words: Sequence[str]) -> str:
    """A tuple of strings as Python."""
    return group([f'"{word}"' for word in words])


def group(entries: Sequence[str]) -> str:
    """A tuple as Python."""
    return f"({', '.join(entries)}{',' * (len(entries) == 1)})"


def _and(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
