"""`derive watch`: whenever a model is saved, its module is generated and verified; a line for each event.

Mistakes are printed as `derive generate` prints them, and the watch goes on. The process stays warm: what takes the
most time in a command's life, its imports, is paid for once.
"""

from __future__ import annotations

import gc
import itertools
import textwrap
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from derive.cli.generate import generated, one_file_for_two, refuse_edited
from derive.cli.models import load
from derive.cli.outcome import Exit, fault_as_dict, json_text, print_error, spell, warn
from derive.cli.watched import Change, Watched
from derive.errors import DeriveError, Fault

if TYPE_CHECKING:
    from derive.pipeline import Model

# Milliseconds. Saves that follow each other are one event; a look without an event finds what no event tells of: a
# folder that went and came back, a file that another machine saved.
_QUIET, _BURST, _LOOK_EVERY = 50, 1000, 2000


def watch_models(
    names: list[str], out: Path, style: str, verify: bool, force: bool, as_json: bool, events: Iterable[object] = ()
) -> int:
    """Generate and verify what is saved, until Ctrl-C.

    Args:
        names: paths of model files, folders, names of the zoo.
        out: the folder of modules.
        style: the style of their bodies.
        verify: whether they are verified.
        force: whether files that were edited by hand are overwritten.
        as_json: whether an event is a line of JSON.
        events: each asks for a look at the files; those of the file system where there are none.

    Raises:
        DeriveError: there is nothing to watch, or nothing to watch it with.
    """
    if not names:
        raise DeriveError(Fault("which models?", hint="derive watch FILE.eq, or a folder of them"))
    watched = Watched(names)
    looks = itertools.chain((None,), events or _file_events(watched.places))
    renewal = Renewal(out, style, verify, force, as_json)
    if not as_json:
        print(f"watching {', '.join(names)}; modules go to {out}; Ctrl-C ends", flush=True)
    try:
        for _ in looks:
            changes = list(watched.changes())
            for change in changes:
                renewal.run(change, watched)
            if changes:
                gc.collect()  # nobody waits now, and commands collect next to nothing while they run
    except KeyboardInterrupt:
        pass
    if not as_json:
        print("no longer watching", flush=True)
    return Exit.HOLDS


def _file_events(places: list[Path]) -> Iterable[object]:
    """Something for every change in these folders, and now and then without one.

    Raises:
        DeriveError: watchfiles is not installed.
    """
    try:
        import watchfiles
    except ImportError:
        raise DeriveError(Fault("watching needs watchfiles", hint="pip install watchfiles")) from None
    return watchfiles.watch(
        *places,
        watch_filter=None,
        debounce=_BURST,
        step=_QUIET,
        rust_timeout=_LOOK_EVERY,
        yield_on_timeout=True,
        recursive=False,
    )


@dataclass
class Renewal:
    """What is done with a model that was saved.

    Attributes:
        out: the folder of modules.
        style: the style of their bodies.
        verify: whether they are verified.
        force: whether files that were edited by hand are overwritten.
        as_json: whether an event is a line of JSON.
    """

    out: Path
    style: str = "fast"
    verify: bool = True
    force: bool = False
    as_json: bool = False
    _unproved: set[str] = field(default_factory=set)  # models whose modules are written and were not found right

    def run(self, change: Change, watched: Watched) -> None:
        """Generate and verify one model, or say why not."""
        name = change.path.stem
        begin = time.perf_counter()
        if not change.is_there:
            self._say(name, "gone", str(change.path), begin)
            return
        try:
            if watched.first_named(name) != change.path:
                raise one_file_for_two(name, self.out)
            model = self._generate(change.path, begin)
            if model is not None:
                self._verify(model)
        except DeriveError as error:
            self._fail(name, error, begin)
        except OSError as error:
            self._fail(name, DeriveError(Fault(spell(error))), begin)

    def _generate(self, path: Path, begin: float) -> Model | None:
        """Write the module. Returns the model if it is to be verified."""
        module = generated(str(path), self.out, self.style)
        if not self.force:
            # What would be lost can be thousands of lines, with every save: `derive generate` shows it.
            refuse_edited([module], as_json=True)
        module.write(self.force)
        state = "unchanged" if module.is_current else "generated"
        self._say(module.model, state, str(module.path), begin, warnings=module.warnings)
        if not self.as_json:
            warn(module.model, module.warnings or ())
        if not self.verify or (module.is_current and module.model not in self._unproved):
            return None
        self._unproved.add(module.model)
        return module.read or load(str(path))

    def _verify(self, model: Model) -> None:
        """Compare the module's gradients with numbers, as `derive verify` does."""
        from derive.check.report import COMPLEX, DIFFERENCES

        begin = time.perf_counter()
        report = model.verify()
        if report.ok:
            self._unproved.discard(model.name)
            kinds = (DIFFERENCES, COMPLEX)
            worst = {kind: max((c.error for c in report.comparisons if c.kind == kind), default=0.0) for kind in kinds}
            text = ", ".join(f"{kind} {error:.1e}" for kind, error in worst.items())
            self._say(model.name, "verified", f"worst errors: {text}", begin, errors=worst)
            return
        failures = [report.nonfinite] if report.nonfinite else [str(failure) for failure in report.failures]
        self._say(model.name, "wrong", "the module is written, its gradient is not right", begin, failures=failures)
        if not self.as_json:
            print(textwrap.indent("\n".join(failures), "    "), flush=True)

    def _fail(self, name: str, error: DeriveError, begin: float) -> None:
        self._say(name, "error", "", begin, faults=[fault_as_dict(fault) for fault in error.faults])
        if not self.as_json:
            print_error(error)

    def _say(self, model: str, event: str, text: str, begin: float, **more: object) -> None:
        """An event in a line: when, of which model, what, and how long it took."""
        seconds = time.perf_counter() - begin
        if self.as_json:
            row = {"time": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "model": model, "event": event, "text": text}
            print(json_text(row | {"seconds": seconds} | more), flush=True)
        else:
            parts = (time.strftime("%H:%M:%S"), model, f"{event:<9}", text, f"{seconds:.2f} s")
            print("  ".join(filter(None, parts)), flush=True)
