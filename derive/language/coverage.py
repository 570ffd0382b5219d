"""Every variable is read only where something defines it."""

from __future__ import annotations

import ast

import sympy

from derive.affine import at_least, split
from derive.language import rules_sequences
from derive.language.affines import extremes
from derive.language.build import Checked
from derive.language.context import Read
from derive.language.left import first_step
from derive.language.symbols import Defined, Symbols


def check_reads(checked: list[Checked], symbols: Symbols, skip: set[str]) -> None:
    """Report every reading at a step that nothing defines; `skip` names variables whose cycle is at fault already."""
    for one in checked:
        for read in one.work.reads:
            if not read.steps or symbols.is_data(read.name) or read.name in skip:
                continue
            _check(one, read, symbols)


def _check(one: Checked, read: Read, symbols: Symbols) -> None:
    (step,) = read.steps
    (axis,) = symbols.sequences(read.name)
    defined = symbols.defined.get(read.name)
    low, high = extremes(step, one.work.ranges)
    first = sympy.Integer(1) if defined is None else _earliest(defined)
    if defined is not None and step in defined.starts:
        return
    sink = one.work.sink
    if not at_least(low, first):
        if low.is_Integer and defined is not None and low < first:
            problem = rules_sequences.missing_start(
                _text(read, one), f"{read.name}[{low}]", _where(step, low), _mend(read.name, low, first, defined)
            )
        else:
            problem = rules_sequences.read_outside(_text(read, one), read.name, f"{first}..{axis.size}")
        sink.report(read.node, problem)
    elif not at_least(axis.size, high):
        problem = rules_sequences.read_outside(_text(read, one), read.name, f"{first}..{axis.size}")
        sink.report(read.node, problem)


def _earliest(defined: Defined) -> sympy.Expr:
    """The first step from which on the variable is defined without a gap."""
    first = first_step(defined)
    while first - 1 in defined.starts:
        first = first - 1
    return first


def _where(step: sympy.Expr, low: sympy.Expr) -> str:
    """At which value of its index a reading goes wrong first."""
    index, offset = split(step)
    return f"step {low}" if index is None else f"{index.name.partition(chr(39))[0]} = {low - offset}"


def _mend(name: str, low: sympy.Expr, first: sympy.Expr, defined: Defined) -> str:
    """The starts that are missing, as one writes them."""
    missing = [step for step in range(int(low), int(first)) if sympy.Integer(step) not in defined.starts]
    return "write " + " and ".join(f"{name}[{step}] = ..." for step in missing[:4])


def _text(read: Read, one: Checked) -> str:
    assert isinstance(read.node, ast.AST)
    return one.work.sink.source.short(read.node)
