"""Every variable is read only where something defines it."""

from __future__ import annotations

import re
from itertools import product

import sympy

from derive.affine import at_least, split
from derive.expressions import Index, Range, Ref
from derive.language import bounds, rules_sequences
from derive.language.affines import ceiling, extremes, floor
from derive.language.build import Checked
from derive.language.context import Read
from derive.language.symbols import Defined, Key, Symbols, step_names

MOST_NAMED = 4  # missing starts that a message names


def check_reads(checked: list[Checked], symbols: Symbols, skip: set[str]) -> None:
    """Report every reading at a step that nothing defines; `skip` names variables whose cycle is at fault already."""
    steps: dict[str, set[tuple[sympy.Expr, ...]]] = {}
    for one in checked:
        for read in one.work.reads:
            known = steps.setdefault(read.name, set())
            if len(known) <= bounds.STEPS and _is_fixed(read):
                known.add(tuple(_offset(step) for step in read.steps))
                if len(known) > bounds.STEPS:
                    one.work.sink.report(read.node, rules_sequences.too_many_steps(read.name, bounds.STEPS))
            if not read.steps or symbols.is_data(read.name) or read.name in skip:
                continue
            _check(one, read, symbols.defined.get(read.name) or Defined(read.name, symbols.sequences(read.name)))


def _is_fixed(read: Read) -> bool:
    """Whether each step of a reading is a literal one, or so many from that of an index."""
    return bool(read.steps) and all(not step.has(Ref) for step in read.steps)


def _offset(step: sympy.Expr) -> sympy.Expr:
    """A step without the name of its index: `t-1` and `t1-1` are one step before."""
    return step.xreplace({index: Index("t", index.axis) for index in step.atoms(Index)})


def _check(one: Checked, read: Read, defined: Defined) -> None:
    """Every combination of the steps that one reading may take is a start or the general equation's."""
    read_at: list[list[sympy.Expr | None]] = []
    for position, step in enumerate(read.steps):
        literals = _read_at(step, position, defined, one)
        if literals is None:
            _outside(one, read, position, defined)
            return
        read_at.append(literals)
    covered = {*defined.starts, (None,) * len(read.steps)}
    missing = [key for key in product(*read_at) if key not in covered and _possible(key, read, defined, one)]
    if not missing:
        return
    for position, literal in enumerate(missing[0]):
        if literal is not None and not _can_start(literal, position, read, defined, one):
            _outside(one, read, position, defined)
            return
    where = [_where(step, literal) for step, literal in zip(read.steps, missing[0], strict=True) if literal is not None]
    cells = [_cell(read.name, key, defined) for key in missing[:MOST_NAMED]]
    mend = "write " + " and ".join(f"{cell} = ..." for cell in cells)
    text = one.work.sink.source.short(read.node)
    one.work.sink.report(read.node, rules_sequences.missing_start(text, cells[0], " and ".join(where), mend))


def _read_at(step: sympy.Expr, position: int, defined: Defined, one: Checked) -> list[sympy.Expr | None] | None:
    """The literal steps of one sequence at which a reading may be, and None for those of the general equation.

    The answer is None where it cannot be said how far out the reading may be.
    """
    if step in defined.literals(position):
        return [step]
    size = defined.sequences[position].size
    low, high = extremes(step, one.work.ranges)
    first, last = defined.reach(position)
    found: list[sympy.Expr | None] = []
    if not at_least(low, first):
        least = floor(low)
        if least is None:
            return None
        before = [sympy.Integer(n) for n in range(least, int(first))]
        found += [literal for literal in before if not at_least(literal - 1, high)]
    if not (at_least(first - 1, high) or at_least(low, last + 1)):
        found.append(None)
    if not at_least(last, high):
        beyond = ceiling(sympy.expand(high - size))
        if beyond is None:
            return None
        after = [size + n for n in range(int(last - size) + 1, beyond + 1)]
        found += [literal for literal in after if not at_least(low, literal + 1)]
    return found


def _possible(key: Key, read: Read, defined: Defined, one: Checked) -> bool:
    """Whether the steps of a reading can be these together: an index that stands in two of them has one value."""
    fixed: dict[Index, sympy.Expr] = {}
    for step, literal in zip(read.steps, key, strict=True):
        index, offset = split(step)
        if literal is not None and index is not None:
            if _apart(fixed.setdefault(index, literal - offset), literal - offset):
                return False
    for position, (step, literal) in enumerate(zip(read.steps, key, strict=True)):
        index, _ = split(step)
        if literal is None and index in fixed:
            first, last = defined.reach(position)
            there = step.xreplace(fixed)
            if at_least(first - 1, there) or at_least(there, last + 1):
                return False
    indices = {symbol for step in read.steps for symbol in step.free_symbols if isinstance(symbol, Index)}
    return not any(_empty(one.work.ranges[index], fixed) for index in indices)


def _apart(one: sympy.Expr, other: sympy.Expr) -> bool:
    """Whether two steps are surely unequal."""
    return at_least(one, other + 1) or at_least(other, one + 1)


def _empty(reach: Range, fixed: dict[Index, sympy.Expr]) -> bool:
    """Whether a range has surely nothing in it where some indices are fixed."""
    return at_least(reach.first.xreplace(fixed) - 1, reach.last.xreplace(fixed))


def _can_start(literal: sympy.Expr, position: int, read: Read, defined: Defined, one: Checked) -> bool:
    """Whether a start at a step is what is missing, rather than a smaller range of the reading."""
    starts = defined.literals(position)
    if literal.is_Integer:
        low, _ = extremes(read.steps[position], one.work.ranges)
        return bool(low.is_Integer) and all(start.is_Integer for start in starts) and defined.general is not None
    from_the_right = bool(starts) or read.name == one.statement.name
    return from_the_right and not any(start.is_Integer for start in starts)


def _outside(one: Checked, read: Read, position: int, defined: Defined) -> None:
    """Report a reading that may lie outside of the steps of one sequence."""
    first, last = defined.reach(position)
    literals = defined.literals(position)
    while first - 1 in literals:
        first = first - 1
    while last + 1 in literals:
        last = last + 1
    text, where = one.work.sink.source.short(read.node), f"{_step(first)}..{_step(last)}"
    mend = _mend(one, read, position, defined)
    one.work.sink.report(read.node, rules_sequences.read_outside(text, read.name, where, mend))


def _mend(one: Checked, read: Read, position: int, defined: Defined) -> str:
    """What to write where a reading may lie outside: another step, a start at the other end, or a smaller range."""
    size, step = defined.sequences[position].size, read.steps[position]
    index, offset = split(step)
    if step.has(Ref):
        return f"a node that is none reads {read.name}[0]: start there, {read.name}[0] = ..."
    if index is None or not offset.is_Integer:
        return f"here {read.name} runs over {size}, where {size} is the last step"
    name = index.name.partition("'")[0]
    if offset < 0:
        return f"write the range: sum(..., ({name}, {1 - offset}, {size}))"
    if read.name == one.statement.name and index in one.left.steps and len(read.steps) == 1:
        start = _cell(read.name, (size + 1,), defined)
        return f"what reads ahead starts behind the last step: write {start} = ... in place of the other start"
    end = _step(size - offset)
    if index in one.left.steps:
        return f"write the range: sum(..., ({name}, 1, {end}))"
    around = [] if offset else [i.name for i in one.left.indices if i.axis == index.axis]
    return f"let the range of {name} end at {end}" + "".join(f", or at {i}: ({name}, 1, {i})" for i in around[:1])


def _where(step: sympy.Expr, literal: sympy.Expr) -> str:
    """At which value of its index a reading is at a literal step."""
    index, offset = split(step)
    if step.has(Ref):
        return re.sub(r"'\d+", "", f"{step} = {_step(literal)}")
    at = step if index is None else literal - offset
    return f"step {_step(at)}" if index is None else f"{index.name.partition(chr(39))[0]} = {_step(at)}"


def _step(literal: sympy.Expr) -> str:
    """A literal step as one writes it."""
    return str(literal).replace(" ", "")


def _cell(name: str, key: Key, defined: Defined) -> str:
    """A start as one writes it."""
    steps = [
        index if literal is None else _step(literal)
        for index, literal in zip(step_names(defined.sequences), key, strict=True)
    ]
    return f"{name}[{', '.join(steps)}]"
