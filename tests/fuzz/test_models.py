"""The generator of random models: what it makes is valid, varied, and shrinks."""

from __future__ import annotations

from functools import cache

from hypothesis import HealthCheck, Phase, find, given, seed, settings

from derive import pipeline
from tests.fuzz.models import constructs, models


@cache
def texts() -> tuple[str, ...]:
    """Some models, the same ones every time."""
    found: list[str] = []

    @seed(0)
    @settings(
        max_examples=80,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(models())
    def collect(text: str) -> None:
        found.append(text)

    collect()
    return tuple(dict.fromkeys(found))


def test_every_model_is_read() -> None:
    for text in texts():
        assert pipeline.parse(text).system.by_name["loss"].axes == ()


def test_the_models_are_of_many_kinds() -> None:
    used = [constructs(text) for text in texts()]
    assert len(used) > 40
    wanted = {
        "start behind the sequence", "start before the sequence", "look-up", "part of a range", "a shared parameter",
        "index notation on the left", "recurrence from right to left, lag 1", "recurrence from left to right, lag 1",
    }  # fmt: skip
    assert wanted <= frozenset().union(*used)


def test_a_model_shrinks_to_what_matters() -> None:
    small = settings(max_examples=300, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    text = find(models(), lambda text: "recurrence from left to right, lag 1" in constructs(text), settings=small)
    assert len(text.splitlines()) <= 6, text


def test_constructs_are_named() -> None:
    text = '''"""Two directions."""
x: Input[T, n]
left: Index[T, T]
W, U = Param[n, n]
h[0] = 0
h[t] = tanh(W @ h[left[t]] + U @ h[t-1])
g[T+1] = 0
g[t, i] = sum(W[i, j] * g[t+1, j], j) + x[t, i]
loss = sum(sum(g[t, :2]), (t, 2, T)) + sum(h[T])
'''
    assert constructs(text) >= {
        "a docstring", "several names in a declaration", "recurrence over a tree", "a shared parameter", "look-up",
        "recurrence from left to right, lag 1", "recurrence from right to left, lag 1", "start before the sequence",
        "start behind the sequence", "part", "part of a range", "index notation on the left", "sum over a named index",
    }  # fmt: skip
