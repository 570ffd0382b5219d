"""`derive html`: a model's derivation as a page, or a page for each of many models with an index."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from derive.cli.models import load
from derive.cli.outcome import Exit, print_json, warn
from derive.errors import DeriveError, Fault
from derive.files import make_folder, write_whole

if TYPE_CHECKING:
    from derive.emit.html import Options
    from derive.pipeline import Model

INDEX = "index.html"


def html_models(names: list[str], out: Path | None, options: Options, verify: bool, as_json: bool) -> int:
    """Print the page of one model, or write it to a file; write the pages of many, and an index, to a folder.

    Args:
        names: the models.
        out: a file where it ends in `.html`, else a folder.
        options: how the pages are written.
        verify: whether the generated code is verified: 1 where it does not hold, the page is written all the same.
        as_json: whether the answer is for a program.
    """
    models = _loaded(names)
    is_file = out is not None and out.suffix == ".html"
    if len(models) > 1 and (out is None or is_file):
        message = f"{len(models)} pages do not go into one file" if is_file else "where do the pages go?"
        raise DeriveError(Fault(message, hint="name a folder: --out DIR"))
    if out is None or is_file:
        return _one(models[0], out, options, verify, as_json)
    return _many(models, out, options, verify, as_json)


def _loaded(names: list[str]) -> list[Model]:
    """Every model, or all faults of all models together."""
    models: dict[str, Model] = {}
    faults: list[Fault] = []
    for name in names:
        try:
            model = load(name)
            if model.name in models:
                raise DeriveError(Fault(f"two models named {model.name} would be one file, {model.name}.html"))
            models[model.name] = model
        except DeriveError as error:
            faults.extend(error.faults)
    if faults:
        raise DeriveError(faults)
    return list(models.values())


def _one(model: Model, out: Path | None, options: Options, verify: bool, as_json: bool) -> int:
    text, holds = _page(model, options, verify)
    if out is not None:
        write_whole(out, text)
    if as_json:
        print_json({"model": model.name, "holds": holds} | ({"html": text} if out is None else {"files": [str(out)]}))
    elif out is None:
        sys.stdout.write(text)
    else:
        print(f"{out}  written")
    if not as_json:
        _say(model, holds)
    return Exit.HOLDS if holds is not False else Exit.FAILS


def _many(models: Sequence[Model], out: Path, options: Options, verify: bool, as_json: bool) -> int:
    from derive.emit.html import Entry, index

    entries = [Entry(model.system, _title(model), f"{model.name}.html") for model in models]
    answer = []
    if any(entry.page == INDEX for entry in entries):
        raise DeriveError(Fault(f"the page of a model would be {INDEX}, which is the index", hint="rename the model"))
    make_folder(out)
    for model, entry in zip(models, entries, strict=True):
        text, holds = _page(model, options, verify)
        write_whole(out / entry.page, text)
        answer.append({"model": model.name, "file": str(out / entry.page), "holds": holds})
        if not as_json:
            print(f"{out / entry.page}  written", flush=True)
            _say(model, holds)
    write_whole(out / INDEX, index(entries))
    if as_json:
        print_json({"index": str(out / INDEX), "pages": answer})
    else:
        print(f"{out / INDEX}  written")
    return Exit.HOLDS if all(row["holds"] is not False for row in answer) else Exit.FAILS


def _page(model: Model, options: Options, verify: bool) -> tuple[str, bool | None]:
    """The text of a page, and whether the generated code holds; None where that was not asked."""
    report = model.verify() if verify else None
    text = model.html(options.notation, options.gradient, options.time, report if report is not None else False)
    return text, None if report is None else report.ok


def _title(model: Model) -> str:
    return model.system.doc.strip().partition("\n")[0].strip().rstrip(".")


def _say(model: Model, holds: bool | None) -> None:
    warn(model.name, model.warnings())
    if holds is False:
        warn(model.name, ["the generated code does not hold; the page says where, as does derive verify"])
