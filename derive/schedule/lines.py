"""In which order the members of a stack lie, so that each group of alike statements finds its own side by side."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import permutations

from derive.schedule.groups import Column, Group
from derive.system import Variable

Line = tuple[str, ...]  # the members of a stack in order
_MOST = 6  # orders are tried one by one: 6 are 720


def lines(
    groups: Sequence[Group],
    variables: Mapping[str, Variable],
    read: Collection[str],
    rank: Mapping[str, int],
    hopes: Sequence[Column],
) -> dict[str, Line]:
    """For each stored member that is read, its stack: an order in which as many groups as can be are neighbours.

    What is written and never read again (the gradients of parameters) follows the order of what it is made from.

    Args:
        groups: the alike statements, the most urgent first.
        variables: by name.
        read: the variables that are read.
        rank: the place of each variable in the file.
        hopes: variables that become neighbours where no group minds, the most urgent first.
    """
    stored = {name for name in read if not variables[name].role.is_given}
    wishes = [column for group in groups for column in group.columns if set(column) <= stored]
    stacks: dict[str, Line] = {}
    for cluster in _clusters(wishes):
        found = next(filter(None, (_arrangement(cluster[:n], rank) for n in range(len(cluster), 0, -1))), None)
        if found is None:
            continue
        granted = [wish for wish in cluster if set(wish) <= set(found) and _is_run(found, wish)]
        for hope in hopes:
            together = tuple(name for name in hope if name in found)
            if len(together) > 1 and (better := _arrangement([*granted, together], rank)) is not None:
                found, granted = better, [*granted, together]
        stacks |= dict.fromkeys(found, found)
    return stacks


def arranged(
    group: Group, order: dict[str, Line], variables: Mapping[str, Variable], read: Collection[str]
) -> Group | None:
    """The group in the order of its stack; None where a column does not lie together, or two columns disagree.

    Args:
        group: alike statements.
        order: the stack of each member that has one; gets those that follow this group's.
        variables: by name.
        read: the variables that are read.
    """
    columns = [column for column in group.columns if not variables[column[0]].role.is_given]
    position: list[int] | None = None
    for column in columns:
        line = order.get(column[0])
        if line is None and not set(column) & set(order):
            continue
        if line is None or any(order.get(name) != line for name in column) or not _is_run(line, column):
            return None
        mine = sorted(range(len(column)), key=lambda n: line.index(column[n]))
        if position is not None and mine != position:
            return None
        position = mine
    place = position if position is not None else list(range(len(group.slots)))
    found = replace(group, slots=tuple(group.slots[n] for n in place))
    for column in found.columns:
        if column[0] not in order and not variables[column[0]].role.is_given:
            if set(column) & set(read):
                return None
            order |= dict.fromkeys(column, column)
    return found


def _clusters(wishes: Sequence[Column]) -> list[list[Column]]:
    clusters: list[list[Column]] = []
    for wish in wishes:
        touching = [c for c in clusters if any(set(wish) & set(w) for w in c)]
        merged = [w for c in touching for w in c] + [wish]
        clusters = [c for c in clusters if c not in touching] + [merged]
    return clusters


def _arrangement(wishes: Sequence[Column], rank: Mapping[str, int]) -> Line | None:
    """The members in an order in which each wish is a run of neighbours, as far as may be in the order of the file."""
    members = sorted({name for wish in wishes for name in wish}, key=rank.__getitem__)
    atoms: dict[tuple[bool, ...], list[str]] = {}
    for name in members:
        atoms.setdefault(tuple(name in wish for wish in wishes), []).append(name)
    if len(atoms) > _MOST:
        return None
    for tried in permutations(atoms.values()):
        line = [name for atom in tried for name in atom]
        if all(_is_run(line, wish) for wish in wishes):
            return tuple(line)
    return None


def _is_run(line: Sequence[str], wish: Sequence[str]) -> bool:
    places = sorted(line.index(name) for name in wish)
    return places[-1] - places[0] + 1 == len(places)
