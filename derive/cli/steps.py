"""`derive show --steps`: how each gradient came to be, rule by rule."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from derive.cli.models import load
from derive.cli.outcome import Exit, is_unicode, print_json, warn

if TYPE_CHECKING:
    from derive.emit.derivation import Derivation, Story
    from derive.emit.notation import Notation
    from derive.emit.notation.plain import Plain

_WIDTH = 100


def show_steps(name: str, notation: Notation, as_json: bool) -> int:
    """Print the stages of every equation that was rewritten and of every gradient, then the rules in words."""
    from derive.emit.derivation import Derivation
    from derive.emit.notation.plain import Plain
    from derive.emit.notation.unicode import Unicode

    model = load(name)
    derivation = Derivation(model.system, model.gradient().traced, (notation,))
    if as_json:
        print_json(_data(derivation, Plain()))
    else:
        printer = Unicode() if is_unicode(sys.stdout) else Plain()
        print("\n".join(_text(derivation, printer)))
        warn(name, model.warnings())
    return Exit.HOLDS


def _text(derivation: Derivation, printer: Plain) -> Iterator[str]:
    if derivation.rewritten:
        yield "Before differentiation"
        yield from _stories(derivation.rewritten, printer)
        yield ""
    yield "The gradient"
    yield from _stories(derivation.stories, printer)
    yield from ("", "The rules")
    for rule in derivation.rules:
        source = f" ({rule.source})" if rule.source else ""
        yield from textwrap.wrap(f"{rule.name}: {rule.why}{source}", _WIDTH, subsequent_indent="    ")


def _stories(stories: Iterable[Story], printer: Plain) -> Iterator[str]:
    from derive.emit.derivation import heading

    for story in stories:
        yield from ("", printer.variable(story.of))
        for stage in story.stages:
            ways, put_in = map(printer.variable, stage.through), map(printer.line, stage.uses)
            yield f"  {heading('; '.join(stage.rules), ways, put_in)}"
            yield from (f"      {printer.line(line)}" for line in stage.lines)
            if stage.defines:
                yield "    where"
                yield from (f"      {printer.line(line)}" for line in stage.defines)


def _data(derivation: Derivation, printer: Plain) -> dict[str, object]:
    return {
        "model": derivation.system.name,
        "notation": derivation.notations[0],
        "rewritten": [_story(story, printer) for story in derivation.rewritten],
        "gradient": [_story(story, printer) for story in derivation.stories],
        "rules": [{"rule": rule.name, "why": rule.why, "source": rule.source} for rule in derivation.rules],
    }


def _story(story: Story, printer: Plain) -> dict[str, object]:
    stages = [
        {
            "rules": list(stage.rules),
            "equations": list(map(printer.line, stage.lines)),
            "through": list(map(printer.variable, stage.through)),
            "uses": list(map(printer.line, stage.uses)),
            "where": list(map(printer.line, stage.defines)),
        }
        for stage in story.stages
    ]
    return {"of": story.of.name, "stages": stages}
