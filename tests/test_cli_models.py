"""`derive list`, `new` and `show`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from derive import pipeline

Run = Callable[..., Any]


def test_the_zoo_is_listed_with_titles(derive_in: Run) -> None:
    answer = derive_in("list")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert [line.split()[0] for line in lines] == pipeline.zoo()
    assert all(len(line.split()) > 2 for line in lines)
    assert [row["model"] for row in derive_in("list", "--json").json] == pipeline.zoo()


def test_a_new_model_is_one_to_start_from(derive_in: Run) -> None:
    answer = derive_in("new", "mine", "--from", "lstm")
    assert answer.code == 0 and answer.out.startswith("mine.eq  written, from lstm")
    assert Path("mine.eq").read_text() == pipeline.load("lstm").source
    assert derive_in("show", "mine.eq").code == 0
    assert derive_in("new", "other.eq", "--json").json == {"file": "other.eq", "from": "vanilla"}


def test_a_new_model_overwrites_nothing(derive_in: Run) -> None:
    Path("mine.eq").write_text("mine")
    answer = derive_in("new", "mine")
    assert answer.code == 2 and "mine.eq is there already" in answer.err
    assert Path("mine.eq").read_text() == "mine"


@pytest.mark.parametrize("name", ["a-b", "1st", "ü", "", "class"])
def test_a_new_models_name_is_one_that_can_be_imported(derive_in: Run, name: str) -> None:
    answer = derive_in("new", name)
    assert answer.code == 2 and "cannot be a model's name" in answer.err
    assert list(Path().iterdir()) == []


def test_a_new_model_in_no_folder(derive_in: Run) -> None:
    answer = derive_in("new", "nowhere/mine")
    assert answer.code == 3 and answer.err == "nowhere: No such file or directory\n"


@pytest.mark.parametrize("notation", ["array", "index"])
@pytest.mark.parametrize("gradient", [[], ["--gradient"]])
def test_equations_are_shown(derive_in: Run, notation: str, gradient: list[str]) -> None:
    shown = derive_in("show", "vanilla", "--notation", notation, *gradient)
    assert shown.code == 0 and "h[t" in shown.out
    answer = derive_in("show", "vanilla", "--notation", notation, *gradient, "--json").json
    assert (answer["model"], answer["gradient"], answer["notation"]) == ("vanilla", bool(gradient), notation)
    assert all(line.isascii() for line in answer["equations"])
    assert any("grad(" in line for line in answer["equations"]) == bool(gradient)


@pytest.mark.parametrize("notation", ["array", "index"])
def test_a_gradient_says_what_the_names_of_parts_stand_for(derive_in: Run, notation: str) -> None:
    shown = derive_in("show", "attention", "--notation", notation, "--gradient").out
    lines, where = shown.split("\n\nwhere\n")
    names = set(re.findall(r"\w+\.\w+", lines))
    assert "e.arg" in names and names <= {line.partition("[")[0].partition(" ")[0] for line in where.splitlines()}
    assert "where" not in derive_in("show", "vanilla", "--notation", notation, "--gradient").out
    where = derive_in("show", "tree", "--gradient", "--json").json["where"]
    assert where == ["h.arg[k] = b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]]"]


@pytest.mark.parametrize("notation", ["array", "index"])
def test_the_steps_of_a_derivation(derive_in: Run, notation: str) -> None:
    shown = derive_in("show", "vanilla", "--steps", "--notation", notation)
    assert shown.code == 0
    before, gradient, rules = re.split(r"\n\n(?=The gradient\n|The rules\n)", shown.out)
    assert before.startswith(
        "Before differentiation\n\nŷ\n  as given\n      ŷ[t,i] = softmax(o[t,i], i)\n  write it out\n"
    )
    assert "    where\n      ŷ.lse[t] = logsumexp(o[t,i], i)" in before
    assert (
        "  chain rule through o, a\n      ∇h[t,j] += ∑ᵢ V[i,j] ∇o[t,i]\n      ∇h[t-1,j] += ∑ᵢ W[i,j] ∇a[t,i]\n"
        in gradient
    )
    assert "  reuse forward values: h[t,i] = tanh(a[t,i])\n      ∇a[t,i] = (1 - h[t,i]²) ∇h[t,i]\n" in gradient
    assert ("      ∇h[T] = Vᵀ ∇o[T]\n" in gradient) == (notation == "array")
    assert "move the domain: A term that adds to step t-1" in rules and "drop empty ranges" not in rules


def test_the_steps_as_data(derive_in: Run) -> None:
    answer = derive_in("show", "gru", "--steps", "--json").json
    assert (answer["model"], answer["notation"]) == ("gru", "array")
    assert {rule["rule"] for rule in answer["rules"]} == {
        rule
        for told in (*answer["rewritten"], *answer["gradient"])
        for stage in told["stages"]
        for rule in stage["rules"]
    }
    (story,) = (told for told in answer["gradient"] if told["of"] == "W_z")
    assert story["stages"][0] == {
        "rules": ["chain rule"],
        "equations": ["grad(W_z[i, j]) = sum(grad(z.arg[t, i]) * x[t, j], t)"],
        "through": ["z.arg"],
        "uses": [],
        "where": [],
    }
