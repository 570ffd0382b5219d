"""Definitions whose shape is at fault."""

from __future__ import annotations

import pytest

import derive


def test_a_definition_that_does_not_fit_is_wrong_and_mended() -> None:
    lines = (
        derive.load("vanilla")
        .check(
            "delta[t] = (1 - h[t]**2) * (V @ grad(o[t]) + W.T @ delta[t+1])\n"
            "grad(b) = sum(delta[t], t)\n"
            "grad(c) = sum(grad(o[t]), t)"
        )
        .lines
    )
    assert [line.verdict for line in lines] == ["wrong", "not understood", "right"]
    assert lines[0].fault is not None and "a transpose is missing: V.T, not V" in lines[0].fault
    assert lines[0].correct == "delta[t] = (1 - h[t]**2) * (V.T @ grad(o[t]) + W.T @ delta[t+1])"


def test_a_definition_of_another_shape_is_blamed_for_what_does_not_fit() -> None:
    lines = (
        derive.load("vanilla")
        .check(
            "delta[t] = (1 - h[t]**2) @ grad(h[t])\n"
            "grad(b) = sum(delta[t], t)\n"
            "grad(W) = sum(outer(delta[t], h[t-1]), t)"
        )
        .lines
    )
    assert [line.verdict for line in lines] == ["definition", "wrong", "wrong"]
    assert {line.correct for line in lines} == {"delta[t] = (1 - h[t]**2) * grad(h[t])"}


def test_a_definition_of_another_shape_is_blamed_where_all_fits_by_chance() -> None:
    lines = (
        derive.load("vanilla")
        .check(
            "J[t] = (1 - h[t]**2) @ W\ngrad(h[t]) = J[t+1].T @ grad(h[t+1]) + V.T @ grad(o[t]), t < T",
        )
        .lines
    )
    assert lines[0].correct == "J[t] = diag(1 - h[t]**2) @ W"
    assert lines[1].verdict == "wrong" and lines[1].fault is not None and "line 1" in lines[1].fault


def test_no_definition_is_blamed_for_a_line_that_does_not_fit_by_itself() -> None:
    lines = derive.load("vanilla").check("e[t] = yhat[t] - onehot(y[t])\ngrad(h[T]) = V @ e[T]").lines
    assert lines[0].fault is None
    assert lines[1].correct == "grad(h[T]) = V.T @ e[T]"


@pytest.mark.slow
def test_a_matrix_product_in_a_long_definition_is_found() -> None:
    right = "da_f[t] = dc[t] * c[t-1] * f[t] * (1 - f[t])"
    text = (
        "dc[t] = o[t] * (1 - tanh(c[t])**2) * grad(h[t]) + f[t+1] * grad(c[t+1])\n"
        f"{right.replace('* (1', '@ (1')}\ngrad(U_f) = sum(outer(da_f[t], h[t-1]), t)"
    )
    _, definition, line = derive.load("lstm").check(text).lines
    assert definition.correct == right
    assert line.fault is not None and "right but for line 2" in line.fault
