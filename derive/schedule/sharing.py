"""Which arrays of a function may lie in the same memory: those that are never needed at one time.

A smaller set of arrays is a smaller part of the machine's memory to go through, and more of it is still in its caches.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sympy

from derive.expressions import Index
from derive.program import Apply, Assign, Buffer, Point, Program, Span, View, views
from derive.schedule.lives import FOREVER, Life, lives
from derive.schedule.temporaries import is_temporary


@dataclass(frozen=True)
class Region:
    """Entries `start..stop-1` of an array's first axis; one entry, without that axis, where `stop` is None."""

    start: int
    stop: int | None = None

    def meets(self, view: View) -> bool:
        """Whether a part of the array may lie in them."""
        first = view.subscripts[0] if view.subscripts else None
        last = self.start if self.stop is None else self.stop - 1
        if isinstance(first, Point) and first.value.is_Integer:
            return self.start <= int(first.value) <= last
        if isinstance(first, Span) and first.start.is_Integer and first.length.is_Integer:
            return int(first.start) <= last and self.start < int(first.start + first.length)
        return True


@dataclass(frozen=True)
class Memory:
    """Where an array lies.

    Attributes:
        host: the array in whose memory it lies.
        region: in which part of it; None for all of it.
    """

    host: Buffer
    region: Region | None = None


def shared(programs: Sequence[Program], kept: Collection[str]) -> Mapping[str, Memory]:
    """For each array that needs no memory of its own, where it lies.

    Args:
        programs: those of one function, one after the other, in single operations.
        kept: what outlives the function.
    """
    found = lives(programs, kept)
    placed = _Places(found).placed
    groups: dict[str, list[str]] = {}
    for name in found:
        root = name
        while root in placed:
            root = placed[root].host.variable.name
        groups.setdefault(root, []).append(name)
    hosts = _packed(found, groups)
    return placed | {name: Memory(found[host].buffer) for name, host in hosts.items()}


class _Places:
    """Puts arrays in the place of others, entry by entry.

    Where each entry of one array is made of the same entry of another one, which nothing else reads, the one can take
    the other's place. In a loop each step must have entries of its own: what is the same at all steps is read again at
    the next one.
    """

    def __init__(self, found: Mapping[str, Life]) -> None:
        self.lives = found
        self.placed: dict[str, Memory] = {}
        self.taken: list[Assign] = []  # statements that write over what they read
        for name in found:
            for assign, _ in found[name].makers:
                for view in _sources(assign):
                    self.pair(view, assign.target)

    def pair(self, source: View, target: View) -> None:
        """Try to put what is made in the place of what it is made of, or the other way round where that is larger."""
        if source.name not in self.lives or source.name == target.name or is_temporary(source.name):
            return
        inside = _inside(source, target, self.lives[source.name].buffer, self.lives[target.name].buffer)
        if inside is not None:
            self.put(target.name, source.name, inside[0], (source.name, target.name))
            return
        inside = _inside(target, source, self.lives[target.name].buffer, self.lives[source.name].buffer)
        if inside is not None:
            self.put(source.name, target.name, inside[0], (source.name, target.name))

    def put(self, child: str, parent: str, region: Region | None, pair: tuple[str, str]) -> None:
        """Put an array in the place of another one, or of a part of it, if nothing is lost."""
        before, after = (self.lives[name] for name in pair)
        root = parent
        while root in self.placed:
            root = self.placed[root].host.variable.name
        if child in self.placed or root == child or after.buffer.zeros or before.last == FOREVER:
            return
        # What lies in the region, of the array that is read and of the one that is written.
        read = region if parent == pair[0] else None
        written = region if parent == pair[1] else None
        makers = [(a, around) for a, around in after.makers if written is None or written.meets(a.target)]
        readers = [(a, view) for a, view in before.reads if read is None or read.meets(view)]
        fits = all(_moves(a, around) and self.follows(a, pair, child, region) for a, around in makers)
        # An array's makers write other entries each; a temporary's write the same ones again, over what is read again,
        # and so does a statement that only works in it.
        works = any(a.work is not None and a.work.name == pair[1] for a, _ in after.reads)
        fits = fits and not (is_temporary(pair[1]) and (len(makers) > 1 or works))
        if fits and makers and all(any(a is m for m, _ in makers) for a, _ in readers):
            if not any(a is m for a in self.taken for m, _ in makers):
                self.placed[child] = Memory(self.lives[parent].buffer, region)
                self.taken += [a for a, _ in makers]

    def follows(self, assign: Assign, pair: tuple[str, str], child: str, region: Region | None) -> bool:
        """Whether each entry that is written rests on the entry in its place, and on no other of that array."""
        before, after = (self.lives[name].buffer for name in pair)
        found = [v for v in views(assign.value) if v.name == pair[0]]
        for view in found:
            inside = (
                _inside(view, assign.target, before, after)
                if child == pair[1]
                else _inside(assign.target, view, after, before)
            )
            if inside != (region,) or view not in _sources(assign):
                return False
        return bool(found)


def _inside(outer: View, inner: View, whole: Buffer, part: Buffer) -> tuple[Region | None] | None:
    """In which part of one array another one has to lie for two views to show the same entries; None where in none."""
    if (whole.variable.classes is None) != (part.variable.classes is None) or not inner.subscripts:
        return None
    if outer.subscripts == inner.subscripts and whole.extent == part.extent:
        return (None,)
    first = outer.subscripts[0] if outer.subscripts else None
    if isinstance(first, Point) and first.value.is_Integer and outer.subscripts[1:] == inner.subscripts:
        return (Region(int(first.value)),) if whole.extent[1:] == part.extent else None
    own = inner.subscripts[0]
    if not (isinstance(first, Span) and isinstance(own, Span) and first.index is own.index):
        return None
    shift, width = first.start - own.start, part.extent[0]
    if outer.subscripts[1:] != inner.subscripts[1:] or whole.extent[1:] != part.extent[1:]:
        return None
    known = shift.is_Integer and width.is_Integer and whole.extent[0].is_Integer
    if not known or not 0 <= int(shift) <= int(whole.extent[0] - width):
        return None
    return (Region(int(shift), int(shift + width)),)


def _moves(assign: Assign, loops: frozenset[Index]) -> bool:
    """Whether an operation writes other entries at each step of the loops that it stands in."""
    points = [s.value for s in assign.target.subscripts if isinstance(s, Point)]
    moving: set[sympy.Basic] = {symbol for value in points for symbol in value.free_symbols}
    return loops <= moving


def _sources(assign: Assign) -> tuple[View, ...]:
    """What an operation reads entry by entry."""
    if isinstance(assign.value, View):
        return (assign.value,)
    if isinstance(assign.value, Apply) and assign.value.function != "where":
        return tuple(a for a in assign.value.arguments if isinstance(a, View))
    return ()


def _packed(found: Mapping[str, Life], groups: Mapping[str, list[str]]) -> dict[str, str]:
    """The groups that lie in memory which is not needed any more, by the array in whose memory they do."""
    times = {name: (min(found[m].first for m in g), max(found[m].last for m in g)) for name, g in groups.items()}
    until: dict[str, int] = {}
    hosts: dict[str, str] = {}
    place = {name: number for number, name in enumerate(found)}
    for name in sorted(groups, key=lambda name: (times[name][0], place[name])):
        first, last = times[name]
        free = [h for h, end in until.items() if end < first and found[h].kind == found[name].kind]
        # The one that was used last is most likely in the cache.
        host = max(free, key=lambda h: until[h], default=name)
        until[host] = last
        if host != name:
            hosts[name] = host
    return hosts
