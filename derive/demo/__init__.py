"""`derive demo`: from equations to a text that the trained network writes, each stage with its time.

Nothing here knows a model by name: a model that reads a vector and predicts a class at every step is trained on
characters, any other one stops after its gradients are verified.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

    from derive.demo.training import Point, Writer

Answer = TypeVar("Answer")

SAMPLE = 400


def run_demo(name: str, *, seconds: float = 10.0, plot: Path | None = None, seed: int = 0) -> int:
    """Derive, generate and verify a model, then train it as a character model and let it write.

    Args:
        name: a zoo name or a path to an `.eq` file.
        seconds: how long to train.
        plot: where to draw the loss curve; nowhere if None.
        seed: of the parameters and of the sample.

    Returns:
        the exit code: 1 if the gradients are wrong, else 0.
    """
    from rich.console import Console

    from derive.demo.characters import character_roles

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    if plot is not None:
        from derive.bench.plot import check_plot

        check_plot(plot)
    model, module, holds = _build(console, name)
    if not holds:
        return 1
    roles = character_roles(model.system)
    reason = roles if isinstance(roles, str) else _why_silent(module, roles)
    if reason or isinstance(roles, str):
        console.print(f"\nNo training: {model.name} is no model that reads and predicts characters; {reason}.")
        return 0
    from derive.demo.corpus import read_manual
    from derive.demo.training import Writer

    corpus = read_manual(roles.alphabet)
    writer = Writer(module, roles, corpus)
    curve = _train(console, writer, seconds, seed)
    if plot is not None:
        _draw(curve, model.name, plot)
        console.print(f"\n{plot}  written")
    return 0


def _build(console: Console, name: str) -> tuple[Any, Any, bool]:
    """Model and module, made in front of one's eyes, and whether its gradients are right."""
    from derive import pipeline
    from derive.check.gradients import verify

    model = _stage(console, "read", lambda: pipeline.load(name), lambda m: _count(len(m.system.equations), "equation"))
    _stage(console, "derived", model.gradient, lambda g: _count(len(g.equations), "gradient equation"))
    _stage(console, "generated", model.generate, lambda text: f"{_count(len(text.splitlines()), 'line')} of NumPy")
    module = pipeline.compile(model)
    report = _stage(
        console, "verified", lambda: verify(model), lambda r: "all gradients hold" if r.ok else "a gradient is wrong"
    )
    if not report.ok:
        console.print(f"\nSee: derive verify {name}")
    return model, module, report.ok


def _stage(console: Console, word: str, work: Callable[[], Answer], told: Callable[[Answer], str]) -> Answer:
    began = time.perf_counter()
    answer = work()
    elapsed = time.perf_counter() - began
    console.print(f"{word:<10}  {told(answer):<28}  {1000 * elapsed:8.0f} ms")
    return answer


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _why_silent(module: Any, roles: Any) -> str:
    from derive.demo.training import why_silent

    return why_silent(module, roles)


def _train(console: Console, writer: Writer, seconds: float, seed: int) -> list[Point]:
    """Train with a progress bar, or with a line now and then where there is no terminal; then print a sample."""
    import numpy as np
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from derive.demo.training import sample, train

    corpus = writer.corpus
    rng = np.random.default_rng(seed)
    params = writer.init_params(rng)
    size = _count(sum(array.size for array in params), "parameter")
    console.print(f"\nTraining {size} on {len(corpus.train):,} characters of Python's manual, {seconds:g} s:")
    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=seconds)

        def report(point: Point) -> None:
            told = f"bits per character: {point.train:.2f}, held out {point.held_out:.2f}"
            progress.update(task, completed=min(point.seconds, seconds), description=told)
            if not console.is_terminal:
                console.print(f"{point.seconds:6.1f} s  {told}")

        params, curve = train(writer, params, seconds, report)
    last = curve[-1]
    rate = last.updates * writer.characters_per_update / last.seconds
    console.print(
        f"trained     {curve[0].held_out:.2f} -> {last.held_out:.2f} bits per character held out, "
        f"{_count(last.updates, 'update')}, {rate:,.0f} characters/s"
    )
    console.print(f"\nIt writes:\n\n{sample(writer, params, SAMPLE, rng).strip()}")
    return curve


def _draw(curve: list[Point], name: str, plot: Path) -> None:
    from matplotlib.figure import Figure

    from derive.bench.plot import save

    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.add_subplot()
    seconds = [point.seconds for point in curve]
    axes.plot(seconds, [point.train for point in curve], label="training")
    axes.plot(seconds, [point.held_out for point in curve], label="held out")
    axes.set(xlabel="seconds", ylabel="bits per character", title=name)
    axes.legend()
    axes.grid(alpha=0.3)
    save(figure, plot)
