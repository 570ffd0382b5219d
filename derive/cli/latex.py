"""`derive latex`: a model and its gradient as a document, as the equations alone, or as a PDF."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from derive.cli.models import load
from derive.cli.outcome import Exit, Refused, print_json, warn
from derive.errors import DeriveError, Fault
from derive.files import write_whole

if TYPE_CHECKING:
    from derive.emit.latex import Options

_SECONDS = 300
_SOURCE = "model.tex"


def latex_model(name: str, out: Path | None, options: Options, fragment: bool, pdf: bool, as_json: bool) -> int:
    """Print the LaTeX of a model, or write it to a file; with `pdf` compile the file too."""
    if pdf and fragment:
        raise DeriveError(Fault("a fragment is no document of its own", hint="leave out --fragment or --pdf"))
    model = load(name)
    text = model.latex(options.notation, options.gradient, options.time, fragment)
    if out is None and not pdf:
        if as_json:
            print_json({"model": model.name, "latex": text})
        else:
            sys.stdout.write(text)
            warn(model.name, model.warnings())
        return Exit.HOLDS
    path = _source(out, model.name) if pdf or out is None else out
    write_whole(path, text)
    files = [path]
    if pdf:
        files.append(_compile(path))
    if as_json:
        print_json({"model": model.name, "files": list(map(str, files))})
    else:
        for file in files:
            print(f"{file}  written")
        warn(model.name, model.warnings())
    return Exit.HOLDS


def _source(out: Path | None, name: str) -> Path:
    """Where the source of a PDF goes: beside it, whichever of the two the call names.

    Raises:
        DeriveError: the call names a folder.
    """
    if out is not None and out.is_dir():
        raise DeriveError(Fault(f"{out} is a folder", hint=f"name a file: -o {out / name}.pdf"))
    path = out if out is not None else Path(f"{name}.tex")
    return path.with_suffix(".tex") if path.suffix in (".tex", ".pdf") else path.with_name(f"{path.name}.tex")


def _compile(path: Path) -> Path:
    """The PDF beside a document.

    Raises:
        OSError: there is no TeX.
        Refused: TeX does not accept the document.
    """
    command = _command(path)
    # In a folder of its own, under a name that means nothing to TeX; what TeX leaves there goes with the folder.
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(path, Path(folder, _SOURCE))
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise OSError(f"{command[0]} did not end within {_SECONDS} seconds; {path} stays") from None
        made = Path(folder, _SOURCE).with_suffix(".pdf")
        if done.returncode or not made.is_file():
            said = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith(("!", "error:"))]
            reason = said[0].lstrip("! ") if said else f"exit code {done.returncode}"
            raise Refused(Fault(f"{command[0]} does not accept {path}: {reason}", hint=f"{path} stays; look there"))
        target = path.with_suffix(".pdf")
        write_whole(target, made.read_bytes())
        return target


def _command(path: Path) -> list[str]:
    """How the TeX that is here is called."""
    if shutil.which("latexmk") and shutil.which("pdflatex"):
        quiet = ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"]
        return ["latexmk", "-norc", "-pdf", *quiet, _SOURCE]
    if shutil.which("tectonic"):
        return ["tectonic", "--untrusted", _SOURCE]
    raise OSError(
        f"no PDF: neither latexmk with pdflatex nor tectonic is here; {path} stays. To get one: "
        "apt-get install latexmk texlive-latex-recommended texlive-pictures, or https://tectonic-typesetting.github.io"
    )
