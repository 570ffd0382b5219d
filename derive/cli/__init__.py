"""The command line: words in, an answer on stdout, an exit code out. What a command does is done elsewhere.

`main` runs a command and turns whatever can go wrong into a message and an exit code: a user never sees a traceback
for a mistake of their own. Every module of this package imports what a command needs only when that command runs,
because most of a short command's time is spent on imports.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

from derive.cli.outcome import Exit, Refused, report_error, spell
from derive.cli.streams import is_of_stream, open_streams, swallow
from derive.errors import DeriveError, Fault


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `derive` with these arguments (the process's own by default).

    Returns:
        0 it holds, 1 it does not, 2 it could not be read or was called wrongly, 3 the machine failed.
    """
    # Expressions live to the end of a command: looking through them for garbage costs a tenth of its time.
    gc.set_threshold(100_000, 50, 100)
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        open_streams()
        return _answered(words, "--json" in words)
    except BrokenPipeError:
        swallow(sys.stdout)  # `derive ... | head` ends quietly
        return Exit.MACHINE
    except KeyboardInterrupt:
        return 130


def _answered(words: list[str], as_json: bool) -> int:
    """Run a command, and say what went wrong."""
    try:
        code = _run(words)
        sys.stdout.flush()
        return code
    except Refused as error:
        return report_error(error, Exit.FAILS, as_json)
    except DeriveError as error:
        return report_error(error, Exit.UNREADABLE, as_json)
    except BrokenPipeError:
        raise
    except OSError as error:
        if not is_of_stream(error):
            return report_error(DeriveError(Fault(spell(error))), Exit.MACHINE, as_json)
        swallow(sys.stdout)
        return report_error(DeriveError(Fault(f"standard output: {spell(error)}")), Exit.MACHINE, as_json=False)


def _run(words: list[str]) -> int:
    """Let Typer find the command and call it; its complaints about the call become a `DeriveError`."""
    import typer

    from derive.cli.app import app

    try:
        code = typer.main.get_command(app).main(words, prog_name="derive", standalone_mode=False)
    except typer.Abort:
        return 130
    except SystemExit:
        # Typer leaves this way, whatever it is told, when the reader of its output has left.
        raise BrokenPipeError from None
    except Exception as error:
        # Typer's own class of usage errors moved from Click into Typer; both have these two.
        if not (hasattr(error, "format_message") and hasattr(error, "exit_code")):
            raise
        context = getattr(error, "ctx", None)
        usage = f"see {context.command_path} --help" if context is not None else "see derive --help"
        raise DeriveError(Fault(error.format_message(), hint=usage)) from None
    return int(code or 0)
