"""The commands with their words and options. Each calls one function, imported when the command runs."""

from __future__ import annotations

import enum
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="derive",
    help="Recurrent networks' equations in, verified gradient code out. MODEL is a zoo name or a path to an .eq file.",
    epilog="Exit codes: 0 it holds, 1 it does not, 2 it could not be read or was called wrongly, 3 the machine failed.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Style(enum.StrEnum):
    """How a generated body is written."""

    FAST = "fast"
    PLAIN = "plain"


class Real(enum.StrEnum):
    """What numbers are made of."""

    FLOAT32 = "float32"
    FLOAT64 = "float64"


class Notation(enum.StrEnum):
    """How equations are shown."""

    ARRAY = "array"
    INDEX = "index"


class Notations(enum.StrEnum):
    """How a document's equations are written."""

    ARRAY = "array"
    INDEX = "index"
    BOTH = "both"


class Derivative(enum.StrEnum):
    """How a document writes a gradient."""

    NABLA = "nabla"
    PARTIAL = "partial"
    DELTA = "delta"


class Time(enum.StrEnum):
    """Where a document puts the step."""

    SUPERSCRIPT = "superscript"
    SUBSCRIPT = "subscript"


Model = Annotated[str, typer.Argument(metavar="MODEL", help="A zoo name or a path to an .eq file.")]
Models = Annotated[list[str] | None, typer.Argument(metavar="MODEL...", help="Zoo names or paths to .eq files.")]
All = Annotated[bool, typer.Option("--all", help="Every model of the zoo.")]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON, errors included.")]


@app.callback(invoke_without_command=True)
def derive(context: typer.Context) -> int:
    """What `derive` alone does: it prints its help."""
    if context.invoked_subcommand is None:
        print(context.get_help())
    return 0


@app.command("list")
def list_models(json: Json = False) -> int:
    """Print the zoo, a line each."""
    from derive.cli.models import list_zoo

    return list_zoo(json)


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The model's name, or a path for NAME.eq.")],
    origin: Annotated[str, typer.Option("--from", metavar="MODEL", help="The model to start from.")] = "vanilla",
    json: Json = False,
) -> int:
    """Write NAME.eq, a model file to start from."""
    from derive.cli.models import new_model

    return new_model(name, origin, json)


@app.command()
def show(
    model: Model,
    gradient: Annotated[bool, typer.Option("--gradient", help="Show the derived gradient equations.")] = False,
    steps: Annotated[bool, typer.Option("--steps", help="Show how the gradient came to be, rule by rule.")] = False,
    notation: Annotated[Notation, typer.Option(help="W @ h[t-1], or sum(W[i,j]*h[t-1,j], j).")] = Notation.ARRAY,
    json: Json = False,
) -> int:
    """Print a model's or its gradient's equations."""
    from derive.cli.models import show_model
    from derive.cli.steps import show_steps

    if steps:
        return show_steps(model, notation.value, json)
    return show_model(model, gradient, notation.value, json)


@app.command()
def generate(
    models: Models = None,
    every: All = False,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the modules go.")] = Path("generated"),
    style: Annotated[Style, typer.Option(help="In place and quick, or an expression per equation.")] = Style.FAST,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; 1 if a file is stale.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Generate what is unchanged too; overwrite what was edited by hand.")
    ] = False,
    json: Json = False,
) -> int:
    """Write each model's NumPy module: its loss and its gradients."""
    from derive.cli.generate import check_modules, named_models, write_modules

    names = named_models(models or [], every)
    if check:
        return check_modules(names, out, style.value, force, json)
    return write_modules(names, out, style.value, force, json)


@app.command()
def watch(
    models: Annotated[
        list[str] | None, typer.Argument(metavar="MODEL...", help="Paths to .eq files, folders, or zoo names.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the modules go.")] = Path("generated"),
    style: Annotated[Style, typer.Option(help="In place and quick, or an expression per equation.")] = Style.FAST,
    verify: Annotated[bool, typer.Option("--verify/--no-verify", help="Verify the generated code, too.")] = True,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that were edited by hand.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print each event as a line of JSON.")] = False,
) -> int:
    """Generate and verify a model whenever it is saved."""
    from derive.cli.watch import watch_models

    return watch_models(models or [], out, style.value, verify, force, json)


@app.command()
def verify(
    models: Models = None,
    every: All = False,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Of the random data.")] = 0,
    json: Json = False,
) -> int:
    """Check gradients against finite differences."""
    from derive.cli.generate import named_models
    from derive.cli.verify import verify_models

    return verify_models(named_models(models or [], every), seed, json)


@app.command()
def check(
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="NAME.hand.eq, .tex, .md; - is what is piped in; NAME.py:function is run."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="MODEL", help="What it is about, if the file does not say.")
    ] = None,
    hints: Annotated[bool, typer.Option("--hints", help="Say only where, not what.")] = False,
    blank: Annotated[str | None, typer.Option("--blank", metavar="MODEL", help="Print left sides to fill in.")] = None,
    json: Json = False,
) -> int:
    """Check a derivation made by hand. A .py file is run; all others are only read."""
    from derive.cli import check as command

    if blank is not None and (file is not None or hints or model is not None):
        raise typer.BadParameter("--blank MODEL stands alone: it prints, and checks no file", param_hint="--blank")
    if blank is not None:
        return command.blank(blank, json)
    if file is None:
        raise typer.BadParameter("a file is needed, or --blank MODEL", param_hint="FILE")
    return command.check_derivation(file, model, hints, json)


@app.command()
def latex(
    model: Model,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where it goes.")] = None,
    notation: Annotated[Notations, typer.Option(help="Matrices, entries, or one behind the other.")] = Notations.ARRAY,
    gradient: Annotated[Derivative, typer.Option(help="How a gradient is written.")] = Derivative.NABLA,
    time: Annotated[Time, typer.Option(help="Where the step stands.")] = Time.SUPERSCRIPT,
    fragment: Annotated[bool, typer.Option("--fragment", help="The equations alone, for a paper.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Compile it too, with latexmk or tectonic.")] = False,
    json: Json = False,
) -> int:
    """Write a model and its derived gradient as LaTeX."""
    from derive.cli.latex import latex_model
    from derive.emit.latex import Options

    options = Options(notation.value, gradient.value, time.value)
    return latex_model(model, out, options, fragment, pdf, json)


@app.command()
def html(
    models: Models = None,
    every: All = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="PATH", help="FILE.html, or a folder for pages and an index.")
    ] = None,
    notation: Annotated[Notations, typer.Option(help="Matrices, entries, or one below the other.")] = Notations.ARRAY,
    gradient: Annotated[Derivative, typer.Option(help="How a gradient is written.")] = Derivative.NABLA,
    time: Annotated[Time, typer.Option(help="Where the step stands.")] = Time.SUPERSCRIPT,
    verify: Annotated[bool, typer.Option("--verify/--no-verify", help="Verify the generated code, too.")] = True,
    json: Json = False,
) -> int:
    """Write a page: the derivation, pictures and code."""
    from derive.cli.generate import named_models
    from derive.cli.html import html_models
    from derive.emit.html import Options

    options = Options(notation.value, gradient.value, time.value)
    return html_models(named_models(models or [], every), out, options, verify, json)


@app.command()
def draw(
    model: Model,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="FILE.svg, or FILE.tex.")] = None,
    unfold: Annotated[
        int | None, typer.Option(min=0, max=12, metavar="N", help="The graph over N steps alone; 0: the circuit.")
    ] = None,
    gradient: Annotated[bool, typer.Option("--gradient", help="Draw the gradient's way back, too.")] = False,
    json: Json = False,
) -> int:
    """Draw a model's circuit and its unfolded graph, as SVG."""
    from derive.cli.draw import draw_model

    return draw_model(model, out, unfold, gradient, json)


@app.command()
def bench(
    model: Model,
    sizes: Annotated[
        list[str] | None,
        typer.Option("--sizes", metavar="T=100,...", help="Where to measure, once or more; help: the model's sizes."),
    ] = None,
    dtype: Annotated[Real, typer.Option(help="Of all numbers.")] = Real.FLOAT32,
    style: Annotated[Style, typer.Option(help="In place and quick, or an expression per equation.")] = Style.FAST,
    seconds: Annotated[float, typer.Option(min=0.0, metavar="N", help="How long each is timed.")] = 5.0,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE.svg", help="Draw time by length, width.")] = None,
    json: Json = False,
) -> int:
    """Measure a gradient: products, memory, time, floor."""
    from derive.cli.bench import bench_model

    return bench_model(model, sizes or [], dtype.value, style.value, seconds, plot, json)


@app.command()
def demo(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A zoo name or a path to an .eq file.")] = "vanilla",
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE.svg", help="Draw the loss curve.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, metavar="N", help="How long to train.")] = 10.0,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Of the parameters and the sample.")] = 0,
) -> int:
    """Derive a model and train it to write English."""
    # Matrices of this size gain nothing from a second thread, and on a busy machine threads that wait for each other
    # cost a hundredfold. NumPy's BLAS reads this once, when NumPy is imported.
    if "numpy" not in sys.modules:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from derive.demo import run_demo

    return run_demo(model, seconds=seconds, plot=plot, seed=seed)
