"""The front door: loading, parsing, deriving, generating and compiling, and what is said when it cannot be done."""

from __future__ import annotations

import inspect
import subprocess
import sys
import traceback
from pathlib import Path

import numpy as np
import pytest

import derive
from derive import pipeline
from derive.errors import DeriveError

TEXT = "x: Input[T]\nw: Param\nh[0] = 0\nh[t] = tanh(w * h[t-1] + x[t])  # a unit\nloss = sum(h[t]**2, t)\n"


def test_a_model_of_the_zoo_by_name_or_path(tmp_path: Path) -> None:
    by_name = derive.load("vanilla")
    path = tmp_path / "own.eq"
    path.write_text(by_name.source, encoding="utf-8")
    assert derive.load(str(path)).name == "own"
    assert derive.load(str(path)).system.equations == by_name.system.equations
    assert pipeline.zoo() == sorted(pipeline.zoo()) and "vanilla" in pipeline.zoo()


def test_a_byte_order_mark_is_no_part_of_a_model(tmp_path: Path) -> None:
    path = tmp_path / "m.eq"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert derive.load(str(path)).system.equations == derive.parse(TEXT).system.equations


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("vanila", "did you mean 'vanilla'?"),
        ("no_such_model_anywhere", "or give the path of an .eq file"),
        ("nowhere/m.eq", "there is no file"),
    ],
)
def test_a_model_that_is_not_there(name: str, message: str) -> None:
    with pytest.raises(DeriveError) as error:
        derive.load(name)
    assert message in str(error.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "m.eq"
    path.write_bytes(b"loss = 1 # \xff\xfe")
    with pytest.raises(DeriveError, match="byte 11 is not UTF-8"):
        derive.load(str(path))


def test_an_unknown_style() -> None:
    with pytest.raises(DeriveError, match="there is no style 'quick'"):
        derive.parse(TEXT).generate("quick")


def test_the_gradient_says_its_equations() -> None:
    gradient = derive.parse(TEXT).gradient()
    assert {"grad(h)", "grad(w)", "grad(x)", "grad(h.0)"} <= {e.target for e in gradient.equations}
    assert "h" in str(gradient) and str(derive.parse(TEXT)).count("\n") == 2


def test_a_loss_without_anything_to_differentiate() -> None:
    with pytest.raises(DeriveError, match="its gradient is zero everywhere"):
        derive.parse("y: Target[T]\nloss = sum(y[t]**2, t)\n").gradient()


def test_a_parameter_without_a_gradient_is_warned_of() -> None:
    model = derive.parse(TEXT.replace("w: Param", "w, q = Param"))
    assert model.warnings() == ("q: the loss does not depend on it; its gradient is zero everywhere",)
    assert derive.load("lstm").warnings() == ()


def test_a_compiled_module_runs_and_is_made_once() -> None:
    model = derive.parse(TEXT)
    module = derive.compile(model)
    assert module is model.compile() is derive.compile(model)
    loss, gradient = module.loss_and_grad(module.Params(w=np.array(0.5)), x=np.array([1.0, -1.0]))
    h = np.tanh(1.0), np.tanh(0.5 * np.tanh(1.0) - 1.0)
    assert loss == pytest.approx(h[0] ** 2 + h[1] ** 2)
    assert gradient.w == pytest.approx(2 * h[1] * (1 - h[1] ** 2) * h[0])


def test_tracebacks_show_the_generated_line() -> None:
    module = derive.compile(derive.parse(TEXT))
    with pytest.raises(ValueError) as error:
        module.loss(module.Params(w=np.array(0.5)), x=np.array(["a"]))
    assert traceback.extract_tb(error.value.__traceback__)[-1].line


def test_the_equations_stand_above_the_statements() -> None:
    text = derive.parse(TEXT).generate("plain")
    assert "# h[t] = tanh(w * h[t-1] + x[t])" in text and "# grad(w) = " in text


def test_importing_derive_is_quick_because_it_imports_little() -> None:
    code = "import sys, derive.pipeline; print(sorted({'typer', 'rich', 'jinja2', 'matplotlib'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert found.stdout.strip() == "[]"


def test_public_names_have_docstrings() -> None:
    for name in ("load", "parse", "compile"):
        assert inspect.getdoc(getattr(derive, name))


def test_a_module_is_generated_once() -> None:
    model = derive.parse(TEXT)
    assert model.generate() is model.generate()
    assert model.generate("plain") != model.generate()
