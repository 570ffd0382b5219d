"""What is held for one step: only what no other step and nothing outside reads."""

from __future__ import annotations

import derive
from derive.program import Program
from derive.schedule.programs import Programs


def shapes(text: str, program: str = "value") -> dict[str, int]:
    """How many axes each array has that a program makes."""
    programs = Programs(derive.parse(text)._differentiated)
    made: Program = programs.value(["loss"]) if program == "value" else programs.parameters_only
    return {b.variable.name: len(b.extent) for b in made.buffers}


RNN = "x: Input[T, n]\nW: Param[n, n]\nh[0] = 0\n"


def test_a_value_of_one_step_has_no_axis_of_steps() -> None:
    made = shapes(RNN + "a[t] = tanh(W @ h[t-1])\nh[t] = a[t] * x[t]\nloss = sum(h[T])\n")
    assert made["a"] == 2 and made["h"] == 3


def test_a_value_that_the_next_step_reads_keeps_it() -> None:
    made = shapes(RNN + "a[0] = 0\na[t] = tanh(W @ h[t-1])\nh[t] = a[t-1] * x[t]\nloss = sum(h[T])\n")
    assert made["a"] == 3


def test_a_value_that_is_read_after_the_loop_keeps_it() -> None:
    made = shapes(RNN + "a[t] = tanh(W @ h[t-1])\nh[t] = a[t] * x[t]\nloss = sum(h[T]) + sum(sum(a[t]), t)\n")
    assert made["a"] == 3


def test_a_value_that_the_backward_pass_reads_keeps_it() -> None:
    text = RNN + "a[t] = tanh(W @ h[t-1])\nh[t] = a[t] * x[t]\nloss = sum(h[T])\n"
    programs = Programs(derive.parse(text)._differentiated)
    made = {b.variable.name: len(b.extent) for b in programs.value(["loss", *programs.kept]).buffers}
    assert made["a"] == 3


def test_a_value_that_begins_elsewhere_keeps_it() -> None:
    """The input's share of it is one product over all steps, before the loop."""
    made = shapes(RNN + "a[t] = W @ h[t-1] + W @ x[t]\nh[t] = tanh(a[t])\nloss = sum(h[T])\n")
    assert made["a"] == 3


def test_a_gradient_of_one_step_has_no_axis_of_steps() -> None:
    """A gate's gradient becomes that of its argument at once; a stabiliser's is read at the step before, too."""
    made = shapes(derive.load("slstm").source, "backward")
    assert made["grad(f)"] == 2 and made["grad(m)"] == 3
