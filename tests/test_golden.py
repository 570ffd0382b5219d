"""`generated/` is what the generator writes today, to the byte; `pytest --update` rewrites it.

Where a module's header shows that it was made from the same model by the same code, it is believed, as by
`derive generate --check`; `.ci/run` makes all of them anew.
"""

from __future__ import annotations

import difflib

import pytest

from derive import pipeline
from tests import bank


@pytest.mark.parametrize("name", pipeline.zoo())
def test_generated_modules_are_what_the_generator_writes(name: str, request: pytest.FixtureRequest) -> None:
    path = bank.GENERATED / f"{name}.py"
    text = bank.text(name, "fast")
    if request.config.getoption("--update"):
        bank.GENERATED.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    committed = path.read_text(encoding="utf-8") if path.exists() else ""
    if committed != text:
        changed = difflib.unified_diff(
            committed.splitlines(), text.splitlines(), str(path), "generator", lineterm="", n=1
        )
        pytest.fail("\n".join([*list(changed)[:60], "rewrite with: pytest --update tests/test_golden.py"]))


def test_no_module_is_left_of_a_model_that_is_gone() -> None:
    assert {path.stem for path in bank.GENERATED.glob("*.py")} <= set(pipeline.zoo())
