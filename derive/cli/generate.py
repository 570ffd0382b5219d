"""`derive generate`: the models named in, their modules out, as files or compared with files.

A module's header tells its style and has hashes of its model's text, of derive's own code and of the body below it.
Generation is deterministic: a file with the header that would be written today is what would be written today, and
nothing is generated to find that out. What the hashes leave out is the machine's Python, SymPy and Jinja, and somebody
who changes a body and mends its hash: `--force` generates anew.
"""

from __future__ import annotations

import keyword
import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.cli.files import difference, print_difference, read_if_there
from derive.cli.models import load
from derive.cli.outcome import Exit, Refused, print_json, warn
from derive.emit.numpy.header import is_untouched, with_header
from derive.errors import DeriveError, Fault
from derive.files import make_folder, write_whole
from derive.sources import path_of, spelled, text_of, zoo

if TYPE_CHECKING:
    from derive.pipeline import Model

_IMPORTED = ("numpy", "typing", "__future__")  # by every generated module


@dataclass(frozen=True)
class Module:
    """A module as it is and as it should be.

    Attributes:
        model: the model's name.
        path: where the module is, or goes.
        text: what the generator writes.
        present: what the file holds now; None where there is none.
        read: the model; None where it was not read to find the text out.
    """

    model: str
    path: Path
    text: str
    present: str | None
    read: Model | None

    @property
    def warnings(self) -> tuple[str, ...] | None:
        """What a person should know of the model; None where it was not read."""
        return None if self.read is None else (*self.read.warnings(), *name_warnings(spelled(self.path.stem)))

    @property
    def is_current(self) -> bool:
        """Whether the file is what the generator writes."""
        return self.present == self.text

    @property
    def elsewhere(self) -> Path | None:
        """The file that is written to, if a link makes it another one than that in the folder."""
        if not self.path.is_symlink():
            return None
        real = Path(os.path.realpath(self.path))
        return None if real.parent == Path(os.path.realpath(self.path.parent)) else real

    def difference(self) -> str:
        """What would change."""
        return difference(self.path, self.present or "", self.text)

    def write(self, force: bool = False) -> None:
        """Bring the file up to date; one that is stays untouched.

        Raises:
            Refused: somebody changed the file while derive was at work.
        """
        if self.is_current:
            return
        make_folder(self.path.parent)
        now = self.present if force else read_if_there(self.path)
        if now not in (self.present, self.text) and not (now is not None and is_untouched(now)):
            message = f"{self.path} was changed while derive was at work; it stays as it is"
            raise Refused(Fault(message, hint="look at it, then call derive again"))
        write_whole(self.path, self.text)


def named_models(models: list[str], every: bool) -> list[str]:
    """The models that a call names, each once.

    Raises:
        DeriveError: it names none, or both some and all.
    """
    if every == bool(models):
        message = "name models, or say --all, not both" if every else "which model?"
        raise DeriveError(Fault(message, hint=f"the zoo has {', '.join(zoo())}; --all takes every one"))
    return zoo() if every else list(dict.fromkeys(models))


def write_modules(names: list[str], out: Path, style: str, force: bool, as_json: bool) -> int:
    """Write what is missing or stale. Nothing is written if a model cannot be read or a file is in the way."""
    modules = _generate(names, out, style, force)
    if not force:
        refuse_edited(modules, as_json)
    answer = []
    for module in modules:
        module.write(force)
        answer.append(_as_dict(module, "unchanged" if module.is_current else "written"))
        if not as_json:
            # At once: should the next one fail, it is known which were written.
            print(f"{module.path}  {answer[-1]['state']}", flush=True)
            warn(module.model, module.warnings or ())
    if as_json:
        print_json({"modules": answer})
    return Exit.HOLDS


def check_modules(names: list[str], out: Path, style: str, force: bool, as_json: bool) -> int:
    """Compare and write nothing: 1 where a module is missing or is not what the generator writes."""
    modules = _generate(names, out, style, force)
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


def generated(name: str, out: Path, style: str, force: bool = False) -> Module:
    """A model's module, generated only where the file's header does not show that the file is what it would be.

    Args:
        name: the model's name or path.
        out: the folder of modules.
        style: the style of the bodies.
        force: whether it is generated in any case.

    Raises:
        DeriveError: the model cannot be read, or what is in the module's place is no text.
    """
    source = path_of(name)
    path = out / f"{source.stem}.py"
    refuse_name(source)
    if not force:
        present = read_if_there(path)
        if present is not None and _is_current(present, source, style):
            return Module(spelled(source.stem), path, present, present, None)
    model = load(name)
    return Module(model.name, path, model.generate(style=style), read_if_there(path), model)


def _is_current(text: str, source: Path, style: str) -> bool:
    """Whether a file begins with the header that is due above its body: all that it was made from is as it was."""
    try:
        model = text_of(source)
    except (DeriveError, OSError):  # said where it is read in earnest
        return False
    body = text.split("\n", 3)[-1]
    # Hashes do not tell ends of lines apart; the generator writes one kind of them.
    return "\r" not in text and text == with_header(body, source=model, source_name=source.name, style=style)


def _generate(names: list[str], out: Path, style: str, force: bool) -> list[Module]:
    """Every model's module, or all faults of all models together."""
    modules: dict[str, Module] = {}
    faults: list[Fault] = []
    for name in names:
        try:
            stem = path_of(name).stem
            if stem in modules:
                raise one_file_for_two(stem, out)
            modules[stem] = generated(name, out, style, force)
        except DeriveError as error:
            faults.extend(error.faults)
    if faults:
        raise DeriveError(faults)
    return list(modules.values())


def one_file_for_two(model: str, out: Path) -> DeriveError:
    """Two models of one name were to be written into one folder."""
    return DeriveError(Fault(f"two models named {model} would be one file, {out / model}.py"))


def refuse_name(source: Path) -> None:
    """Refuse a model whose module would be found in the place of one that it imports.

    Raises:
        DeriveError: it is called so.
    """
    if source.stem in _IMPORTED:
        message = f"{source}: its module would be {source.stem}.py, which hides the {source.stem} that it imports"
        raise DeriveError(Fault(message, hint="rename the model"))


def name_warnings(stem: str) -> tuple[str, ...]:
    """What a person should know of a module of this name."""
    if not stem.isidentifier() or keyword.iskeyword(stem):
        return (f"{stem}.py cannot be imported by a name that Python does not take; rename the model",)
    if stem in sys.stdlib_module_names:
        return (f"{stem}.py can hide Python's own module {stem}; rename the model",)
    return ()


def refuse_edited(modules: list[Module], as_json: bool) -> None:
    """Refuse to write over a file that is not as derive wrote it: it holds somebody's work.

    Raises:
        Refused: with every such file; what would be lost was printed.
    """
    faults = []
    for module in modules:
        if module.is_current:
            continue
        if module.elsewhere is not None:
            message = f"{module.path} is a link to {module.elsewhere}, outside of {module.path.parent}"
            faults.append(Fault(f"{message}; nothing was written", hint="--force writes there"))
            continue
        if module.present is None:
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
    return {"model": module.model, "file": str(module.path), "state": state, "warnings": module.warnings}


def _command(module: Module, names: list[str], out: Path, style: str) -> str:
    name = next((name for name in names if Path(name).stem == module.model), module.model)
    words = ["derive", "generate", name]
    words += [] if out == Path("generated") else ["--out", str(out)]
    words += [] if style == "fast" else ["--style", style]
    return shlex.join(words)
