"""The equation above a statement: the file's line, the derived one, or what the schedule added."""

from __future__ import annotations

import derive
from derive.emit.notation.comments import comments
from derive.expressions import Ref
from derive.schedule.programs import Programs
from derive.system import Equation


def test_the_files_own_line_stands_above_its_statement() -> None:
    system = derive.load("lstm")._differentiated
    (equation,) = [e for e in system.defining["c"] if len(e.domain) == 3]
    assert comments(system)("c", equation) == "c[t] = f[t] * c[t-1] + i[t] * g[t]"


def test_what_the_schedule_adds_is_said_as_an_equation() -> None:
    system = derive.load("lstm")._differentiated
    found = {e.target: comments(system)(e.target, e) for e in Programs(system).parameters_only.added}
    assert found["g.arg.factor"] == "g.arg.factor[t] = i[t] * (1 - g[t]**2)"
    assert found["f.arg.factor"] == "f.arg.factor[t] = c[t-1] * f[t] * (1 - f[t])"


def test_a_copy_needs_no_words() -> None:
    system = derive.load("lstm")._differentiated
    (some,) = [e for e in system.equations if e.target == "grad(b_i)"]
    copy = Equation("U_i.T", some.subscripts, Ref("b_i", *some.subscripts), some.domain)
    assert comments(system)("U_i.T", copy) == ""
