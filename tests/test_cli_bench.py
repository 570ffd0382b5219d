"""`derive bench`: its tables, its answer for a program, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import derive
from derive.calculus.batch import add_batch
from derive.check.sample import prime_sizes
from derive.pipeline import zoo

Run = Callable[..., Any]
SMALL = "T=6,B=2,n_x=3,n_h=4,n_y=5"


def test_the_tables(derive_in: Run) -> None:
    answer = derive_in("bench", "vanilla", "--sizes", SMALL, "--seconds", "0")
    assert answer.code == 0, answer.err
    head, *lines = answer.out.splitlines()
    assert head.startswith("vanilla, fast, float32, NumPy ") and head.endswith(
        "T = 6, B = 2, n_x = 3, n_h = 4, n_y = 5"
    )
    assert not any("so chosen" in line for line in lines)
    said = [" ".join(line.split()) for line in lines]
    assert "grad(W)[i,j] = grad(a)[t,i] h[t-1,j] backward, at once (n_h x B*T)(B*T x n_h) 1 192" in said
    assert any("forward, each t" in line and line.endswith(" 6 192") for line in said)
    assert "loss B * T * n_h * (n_h + n_x + n_y) = 576" in said
    assert "each step of T, each example: n_h + n_y numbers, 36 bytes (yhat, h)" in said
    (timed,) = (
        line.split()
        for line in said
        if line.startswith("loss_and_grad ") and "(" in line and "=" not in line and "bytes" not in line
    )
    assert len(timed) == 9


@pytest.mark.slow
def test_sizes_that_are_not_given_are_said(derive_in: Run) -> None:
    answer = derive_in("bench", "vanilla", "--sizes", "T=6,B=2", "--seconds", "0")
    assert "not given, so chosen: n_x, n_h, n_y; others: --sizes" in answer.out


def test_the_answer_for_a_program(derive_in: Run) -> None:
    words = (
        "--sizes",
        SMALL,
        "--sizes",
        "T=3,B=1",
        "--dtype",
        "float64",
        "--style",
        "plain",
        "--seconds",
        "0",
        "--json",
    )
    answer = derive_in("bench", "vanilla", *words).json
    assert answer["model"] == "vanilla" and answer["plot"] is None
    one, other = answer["reports"]
    assert (one["dtype"], one["style"], one["chosen"]) == ("float64", "plain", [])
    assert other["chosen"] == ["n_x", "n_h", "n_y"] and other["sizes"]["T"] == 3
    assert one["multiply_adds"]["loss"] == {
        "formula": "B * T * n_h * (n_h + n_x + n_y)",
        "number": 576,
        "in_matrix_products": 576,
    }
    assert one["memory"]["bytes"] == 8 * 2 * (7 * 4 + 6 * 5) and one["memory"]["peak"] > one["memory"]["bytes"]
    stepped = [p for p in one["products"] if p["in"] == "loss" and p["loops"] == ["t"]]
    assert [p["times"]["number"] for p in stepped] == [6] and stepped[0]["matrix"]
    timed = one["times"]["loss_and_grad"]
    assert timed["seconds"]["low"] <= timed["seconds"]["median"] <= timed["seconds"]["high"]
    assert timed["floor"]["median"] > 0 and timed["ratio"]["median"] > 0 and timed["gflops"] > 0


def test_the_sizes_that_a_model_has(derive_in: Run) -> None:
    answer = derive_in("bench", "lstm", "--sizes", "help")
    assert answer.code == 0 and "derive bench lstm --sizes T=100,B=32,n_x=64,n_h=128,n_y=64" in answer.out
    told = derive_in("bench", "lstm", "--sizes", "help", "--json").json["sizes"]
    assert told["T"] == {"counts": "sequence", "usual": 100} and list(told)[1] == "B"


@pytest.mark.slow
def test_the_plot(derive_in: Run) -> None:
    pytest.importorskip("matplotlib")
    answer = derive_in("bench", "vanilla", "--sizes", SMALL, "--seconds", "0", "--plot", "v.svg")
    assert answer.code == 0 and answer.out.endswith("v.svg  written\n")
    assert answer.out.count("grows as") == 2 and "T^" in answer.out and "n_h^" in answer.out
    assert Path("v.svg").stat().st_size > 1000


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nosuch",), "there is no model 'nosuch'"),
        (("vanila",), "did you mean 'vanilla'?"),
        (("vanilla", "--sizes", "q=3"), "it has T, B, n_x, n_h, n_y"),
        (("vanilla", "--sizes", "T"), "'T' is no size"),
        (("vanilla", "--sizes", "T=0"), "T = 0 is too small"),
        (("vanilla", "--dtype", "float16"), "float16"),
        (("vanilla", "--plot", "v.txt"), "which kind of picture?"),
    ],
)
def test_what_is_refused(derive_in: Run, words: tuple[str, ...], message: str) -> None:
    answer = derive_in("bench", *words)
    assert answer.code == 2 and message in answer.err
    assert list(Path().iterdir()) == []


def test_no_folder_for_the_plot(derive_in: Run) -> None:
    assert derive_in("bench", "vanilla", "--plot", "nowhere/v.svg").code == 3


def test_a_model_without_a_gradient(derive_in: Run) -> None:
    Path("flat.eq").write_text("x: Input[T, n]\nloss = 1\n")
    assert derive_in("bench", "flat.eq").code == 2


@pytest.mark.slow
def test_a_model_without_data_or_products(derive_in: Run) -> None:
    Path("alone.eq").write_text("w: Param[n]\nloss = sum(w**2)\n")
    answer = derive_in("bench", "alone.eq", "--seconds", "0")
    assert answer.code == 0 and "none" in answer.out
    (report,) = derive_in("bench", "alone.eq", "--seconds", "0", "--json").json["reports"]
    assert report["sizes"] == {"n": 128} and report["times"]["loss"]["ratio"] is None


@pytest.mark.slow
@pytest.mark.parametrize("name", zoo()[::6])
def test_every_kind_of_model_is_measured(name: str, derive_in: Run) -> None:
    sizes = prime_sizes(add_batch(derive.load(name).system))
    told = ",".join(f"{size}={number}" for size, number in sizes.items())
    (report,) = derive_in("bench", name, "--sizes", told, "--seconds", "0", "--json").json["reports"]
    assert report["sizes"] == sizes and report["chosen"] == []
    assert report["multiply_adds"]["loss_and_grad"]["number"] >= report["multiply_adds"]["loss"]["number"] >= 0
    assert report["memory"]["peak"] > 0 and report["times"]["loss_and_grad"]["seconds"]["median"] > 0
    counted = sum(p["multiply_adds"]["number"] for p in report["products"] if p["in"] != "loss")
    assert counted == report["multiply_adds"]["loss_and_grad"]["number"]
