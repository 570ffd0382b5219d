"""The comment on top of a generated module: what it was made from, by what, whether it was changed since."""

from __future__ import annotations

import hashlib
import re
import shlex
from functools import cache
from pathlib import Path

from derive.emit.numpy.text import for_comment
from derive.emit.templates import templates_folder
from derive.sources import spelled

_HASH = r"[0-9a-f]{16}"
_HEADER = re.compile(
    rf"# Written by derive [^\n]*\n# [^\n]*\n# source {_HASH}, derive {_HASH}, body ({_HASH})\n", re.ASCII
)


def with_header(body: str, *, source: str, source_name: str, style: str) -> str:
    """The module's text with its header.

    Args:
        body: all that follows the header.
        source: the text of the model.
        source_name: name of the model's file, without its folder; empty for a model that is in no file.
        style: the style of the bodies.
    """
    source_name = spelled(source_name)
    origin = _named(source_name) or "a text"
    style_option = "" if style == "fast" else f" --style {for_comment(style)}"
    command = _named(f"derive generate {shlex.quote(_model(source, source_name))}") + style_option
    again = f"Change {origin} instead, and run: {command}" if source_name else "Change the text instead."
    return (
        f"# Written by derive from {origin}; do not edit.\n"
        f"# {again}\n"
        f"# source {short_hash(source)}, derive {own_hash()}, body {short_hash(body)}\n{body}"
    )


def _named(name: str) -> str:
    """A file's name in a comment; in the first two lines of a file `coding:` would name the encoding of all of it."""
    return re.sub(r"(?<=coding)[:=]", lambda sign: f"\\x{ord(sign.group()):02x}", for_comment(name))


def is_untouched(text: str) -> bool | None:
    """Whether a module is as derive wrote it: False after any change to it, None if derive did not write it."""
    text = _newlines(text)
    header = _HEADER.match(text)
    return None if header is None else short_hash(text[header.end() :]) == header.group(1)


def short_hash(text: str) -> str:
    """16 hexadecimal digits that tell texts apart, whatever their line ends."""
    return hashlib.sha256(_newlines(text).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@cache
def own_hash() -> str:
    """A hash of derive's own code and templates: what a module's text depends on besides its model."""
    package = Path(__file__).resolve().parents[2]
    code = [(f"derive/{path.relative_to(package).as_posix()}", path) for path in package.rglob("*.py")]
    folder = templates_folder()
    files = [(f"templates/{path.relative_to(folder).as_posix()}", path) for path in folder.rglob("*.j2")]
    digest = hashlib.sha256()
    for name, path in sorted((*code, *files)):
        if not name.startswith(("derive/models/", "derive/templates/")):
            digest.update(f"{name}\0{short_hash(path.read_bytes().decode('utf-8', 'replace'))}\0".encode())
    return digest.hexdigest()[:16]


def _model(source: str, source_name: str) -> str:
    """How the command line calls the model: the zoo's by name, others by file."""
    zoo = Path(__file__).resolve().parents[2] / "models" / Path(source_name).name
    stored = zoo.read_text("utf-8", "replace") if source_name and zoo.suffix == ".eq" and zoo.is_file() else None
    return zoo.stem if stored is not None and _newlines(stored) == _newlines(source) else source_name


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
