"""Only what results rest on is computed, over the steps at which it is."""

from __future__ import annotations

from derive.language import read
from derive.schedule.needs import extra, shrink
from derive.schedule.statements import needed, split_terms
from derive.system import Equation, System
from tests.schedule.running import gradient_of


def statements(system: System) -> tuple[Equation, ...]:
    return split_terms(system.equations, system.variables)


def ranges(found: tuple[Equation, ...], target: str) -> list[str]:
    return [str(e.domain[0]) for e in found if e.target == target and e.domain]


def test_what_nothing_reads_is_dropped() -> None:
    text = "x: Input[T]\na[t] = x[t]**2\nb[t] = a[t] + 1\nc[t] = exp(a[t])\nloss = sum(c[t], t)\n"
    assert {e.target for e in shrink(statements(read(text)), ["loss"])} == {"a", "c", "loss"}


def test_steps_that_nothing_reads_are_dropped() -> None:
    text = "x: Input[T]\na[t] = x[t]**2\nloss = sum(a[t], (t, 2, T))\n"
    assert ranges(shrink(statements(read(text)), ["loss"]), "a") == ["t = 2..T"]


def test_what_a_recurrence_reads_of_itself_is_kept() -> None:
    text = "x: Input[T]\nh[0] = 0\nh[t] = h[t-1] + x[t]\nloss = h[T]\n"
    assert set(ranges(shrink(statements(read(text)), ["loss"]), "h")) >= {"t = 1..T"}


def test_a_result_is_kept_whole() -> None:
    text = "x: Input[T]\na[t] = x[t]**2\nloss = sum(a[t], (t, 2, T))\n"
    assert ranges(shrink(statements(read(text)), ["loss", "a"]), "a") == ["t = 1..T"]


def test_given_variables_need_no_equations() -> None:
    system = read("x: Input[T]\na[t] = x[t]**2\nb[t] = a[t] + 1\nloss = sum(b[t], t)\n")
    assert {e.target for e in needed(system, ["loss"], ["a"])} == {"b", "loss"}


def test_what_only_an_optional_result_needs_stands_apart() -> None:
    system = gradient_of(read("x: Input[T]\nw: Param\nh[0] = 0\nh[t] = tanh(w * h[t-1] + x[t])\nloss = h[T]\n"))
    own = [e for e in system.equations if e.target.startswith("grad")]
    base, more = extra(split_terms(own, system.variables), ["grad(w)"], ["grad(x)", "grad(h.0)"])
    assert {e.target for e in base} >= {"grad(w)", "grad(h)"}
    assert {e.target for e in more["grad(x)",]} == {"grad(x)"}
    assert {e.target for e in more["grad(h.0)",]} == {"grad(h)", "grad(h.0)"}
    written = [(e.target, e.subscripts, str(e.right)) for e in (*base, *(e for group in more.values() for e in group))]
    assert len(set(written)) == len(written)


def test_a_chain_of_needs_is_followed_in_any_order() -> None:
    text = "x: Input[T]\nd[t] = c[t-1]\nc[t] = b[t-1]\nb[t] = x[t]\nc[0] = 0\nb[0] = 0\nloss = sum(d[t], (t, 3, T))\n"
    system = read(text)
    for equations in (system.equations, system.equations[::-1]):
        found = shrink(split_terms(equations, system.variables), ["loss"])
        assert ranges(found, "d") == ["t = 3..T"] and ranges(found, "c") == ["t = 2..T - 1"]
        assert ranges(found, "b") == ["t = 1..T - 2"]


def test_an_empty_range_is_known_from_the_steps_that_are_needed() -> None:
    text = "x: Input[T]\nh[t] = x[t] + sum(x[t1], (t1, 1, t-1))\nm[t] = max(x[t1], (t1, 1, t-1))\n"
    text += "loss = h[1] + exp(m[1])\n"
    kept = [e for e in shrink(statements(read(text)), ["loss"]) if e.target.startswith(("h", "m"))]
    assert [str(e.right) for e in kept if len(e.domain) > 1] == ["0", "-oo"]
