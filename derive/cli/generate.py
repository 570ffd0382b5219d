"""`derive generate`: the models named in, their modules out, as files or compared with files."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.cli.files import difference, print_difference, read_if_there, write_whole
from derive.cli.models import load
from derive.cli.outcome import Exit, Refused, print_json, warn
from derive.errors import DeriveError, Fault


@dataclass(frozen=True)
class Module:
    """A module as it is and as it should be.

    Attributes:
        model: the model's name.
        path: where the module is, or goes.
        text: what the generator writes.
        present: what the file holds now; None where there is none.
        warnings: what a person should know of the model.
    """

    model: str
    path: Path
    text: str
    present: str | None
    warnings: tuple[str, ...] = ()

    @property
    def is_current(self) -> bool:
        """Whether the file is what the generator writes."""
        return self.present == self.text

    def difference(self) -> str:
        """What would change."""
        return difference(self.path, self.present or "", self.text)


def named_models(models: list[str], every: bool) -> list[str]:
    """The models that a call names, each once.

    Raises:
        DeriveError: it names none, or both some and all.
    """
    from derive.pipeline import zoo

    if every == bool(models):
        message = "name models, or say --all, not both" if every else "which model?"
        raise DeriveError(Fault(message, hint=f"the zoo has {', '.join(zoo())}; --all takes every one"))
    return zoo() if every else list(dict.fromkeys(models))


def write_modules(names: list[str], out: Path, style: str, force: bool, as_json: bool) -> int:
    """Write what is missing or stale. Nothing is written if a model cannot be read or a file is in the way."""
    modules = _generate(names, out, style)
    if not force:
        _refuse_edited(modules, as_json)
    if any(not module.is_current for module in modules):
        out.mkdir(parents=True, exist_ok=True)
    for module in modules:
        if not module.is_current:
            write_whole(module.path, module.text)
    answer = [_as_dict(module, "unchanged" if module.is_current else "written") for module in modules]
    if as_json:
        print_json({"modules": answer})
    else:
        for module, row in zip(modules, answer, strict=True):
            print(f"{module.path}  {row['state']}")
            warn(module.model, module.warnings)
    return Exit.HOLDS


def check_modules(names: list[str], out: Path, style: str, as_json: bool) -> int:
    """Compare and write nothing: 1 where a module is missing or is not what the generator writes."""
    modules = _generate(names, out, style)
    answer = []
    for module in modules:
        state = "current" if module.is_current else "missing" if module.present is None else "stale"
        answer.append(_as_dict(module, state) | ({} if module.is_current else {"diff": module.difference()}))
        if not as_json:
            if state == "stale":
                print_difference(module.difference())
            hint = "" if module.is_current else f"; run: {_command(module, names, out, style)}"
            print(f"{module.path}  {state}{hint}")
    holds = all(module.is_current for module in modules)
    if as_json:
        print_json({"holds": holds, "modules": answer})
    return Exit.HOLDS if holds else Exit.FAILS


def _generate(names: list[str], out: Path, style: str) -> list[Module]:
    """Every model's module, or all faults of all models together."""
    modules: dict[Path, Module] = {}
    faults: list[Fault] = []
    for name in names:
        try:
            model = load(name)
            path = out / f"{model.name}.py"
            if path in modules:
                raise DeriveError(Fault(f"two models named {model.name} would be one file, {path}"))
            text = model.generate(style=style)
            modules[path] = Module(model.name, path, text, read_if_there(path), model.warnings())
        except DeriveError as error:
            faults.extend(error.faults)
    if faults:
        raise DeriveError(faults)
    return list(modules.values())


def _refuse_edited(modules: list[Module], as_json: bool) -> None:
    """A file that is not as derive wrote it holds somebody's work."""
    from derive.emit.numpy.header import is_untouched

    faults = []
    for module in modules:
        if module.present is None or module.is_current:
            continue
        untouched = is_untouched(module.present)
        if untouched:
            continue
        what = "was not written by derive" if untouched is None else "was edited by hand"
        faults.append(Fault(f"{module.path} {what}; nothing was written", hint="--force overwrites it"))
        if not as_json:
            print_difference(module.difference())
    if faults:
        raise Refused(faults)


def _as_dict(module: Module, state: str) -> dict[str, Any]:
    return {"model": module.model, "file": str(module.path), "state": state, "warnings": list(module.warnings)}


def _command(module: Module, names: list[str], out: Path, style: str) -> str:
    name = next((name for name in names if Path(name).stem == module.model), module.model)
    words = ["derive", "generate", name]
    words += [] if out == Path("generated") else ["--out", str(out)]
    words += [] if style == "fast" else ["--style", style]
    return shlex.join(words)
