"""A person's file, judged: called on every point, each gradient compared, a wrong one traced to its line."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from derive.check.hand.result import HandReport, LineVerdict
from derive.check.python.compared import compared, wrong_at
from derive.check.python.points import PRECISION, Evaluated, Point, points
from derive.check.python.process import SECONDS, Answer, ask
from derive.check.python.relations import ZERO, says_little
from derive.check.python.search import Case, Records, call_arrays, repairs
from derive.check.python.source import Source
from derive.check.python.troubles import A_LOT, of_function, of_returned, said

_SHAPES = ("ValueError", "IndexError")  # what NumPy raises where shapes do not fit
_FOLLOWS = "follows from line"


def check_python(
    model: Evaluated, filename: str, text: str, name: str = "backward", hints: bool = False, seconds: float = SECONDS
) -> HandReport:
    """Judge a person's function. The file is run, in a child process.

    Args:
        model: the model that it is the gradient of.
        filename: the file; what it imports is looked for beside it.
        text: the file's text.
        name: the function's name: `name(params, data, forward) -> dict`, gradients by parameter, summed over the batch.
        hints: whether to say only where something is wrong.
        seconds: the time that all calls together may take.

    Returns:
        A line for each parameter's gradient, the likeliest culprit first.

    Raises:
        DeriveError: the model cannot be evaluated.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    file = Path(filename)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        said = getattr(error, "msg", None) or str(error)
        return _report(
            model, text, [LineVerdict(line, name, "not understood", fault=f"this is no Python: {said}")], hints
        )
    line, trouble = of_function(tree, name, file)
    if trouble:
        return _report(model, text, [LineVerdict(line, name, "not understood", fault=trouble)], hints)
    at = points(model)
    source = Source(text, tree, name)
    job = {"function": name, "functions": [f.name for f in source.functions], "points": len(at)}
    arrays = {key: array for number, point in enumerate(at) for key, array in call_arrays(number, point).items()}
    answer = ask(job, arrays, file, text, seconds)
    notes = [f"at {len(at)} random points to {PRECISION:.0e}"]
    if answer.printed > A_LOT:
        notes.append(f"it printed {answer.printed:,} bytes, which were not kept")
    if answer.told.get("spoiled"):
        notes.append(f"it changes its arguments: {', '.join(answer.told['spoiled'])}; here each call has its own")
    return _report(model, text, _judged(file, source, at, answer, line, seconds), hints, "; ".join(notes))


def _report(model: Evaluated, text: str, lines: Sequence[LineVerdict], hints: bool, note: str = "") -> HandReport:
    written = text.split("\n")
    shown = []
    for line in lines:
        alone = line.line <= len(written) and not (line.fault or "").startswith(_FOLLOWS)
        shown.append(replace(line, text=written[line.line - 1].strip() if alone else "", where=_where(line)))
    return HandReport(model.name, tuple(shown), note, hints)


def _where(line: LineVerdict) -> tuple[str, ...]:
    return (f"line {line.line}",) if line.verdict == "wrong" else ()


def _judged(
    file: Path, source: Source, at: Sequence[Point], answer: Answer, line: int, seconds: float
) -> list[LineVerdict]:
    """The findings, from what the child left behind."""
    told = answer.told
    error = told.get("error")
    shaped = error is not None and told.get("stage") == "call" and error["type"] in _SHAPES
    if not told or (error is not None and not shaped):
        there = (error or {}).get("line") or line
        return [LineVerdict(there, source.name, "not understood", fault=said(answer, at, seconds))]
    records = [(int(n), name, answer.arrays[f"record/{k}"]) for k, (n, name) in enumerate(told["records"])]
    if error is not None:
        there, fault = error["line"] or line, said(answer, at, seconds)
        findings = [LineVerdict(there, f"grad({name})", "wrong", fault=fault) for name in at[0].truth]
        return _traced(file, source, at, records, findings, line, frozenset(range(len(at))))
    returned = told["returned"]
    if "is" in returned[0]:
        fault = of_returned(source.name, returned[0]["is"])
        return [LineVerdict(_return_line(source, line), source.name, "not understood", fault=fault)]
    lines = line, _return_line(source, line)
    findings = [_steady(compared(name, at, answer, *lines), told["unsteady"]) for name in at[0].truth]
    if told["unsteady"]:
        return findings
    if any(finding.verdict != "right" for finding in findings):
        return _traced(file, source, at, records, findings, line, wrong_at(answer, at))
    return findings


def _steady(finding: LineVerdict, unsteady: Sequence[str]) -> LineVerdict:
    """A finding, or that the next call on the same data returns something else."""
    name = finding.of[5:-1]
    if name not in unsteady:
        return finding
    fault = f"the gradient of `{name}` is another one when the same call is made again"
    fault += ": it depends on random numbers, or on what earlier calls left behind"
    return replace(finding, verdict="wrong", fault=fault)


def _return_line(source: Source, line: int) -> int:
    """The line of the function's last `return`."""
    function = next(f for f in source.functions if f.name == source.name)
    return max((node.lineno for node in ast.walk(function) if isinstance(node, ast.Return)), default=line)


def _traced(
    file: Path,
    source: Source,
    at: Sequence[Point],
    records: Records,
    findings: list[LineVerdict],
    line: int,
    wrong: frozenset[int],
) -> list[LineVerdict]:
    """The findings with the lines at fault, the likeliest culprit first, then what follows from it, then the rest."""
    right = frozenset(f.of[5:-1] for f in findings if f.verdict == "right")
    idle = any(ZERO in (finding.fault or "") for finding in findings)
    found, suspected = repairs(Case(file, source, at, right, records, wrong, idle))
    by_name = {finding.of[5:-1]: finding for finding in findings}
    ordered: list[LineVerdict] = []
    for repair in found:
        there = repair.edit.line
        first, *others = [by_name.pop(name) for name in repair.mended]
        more = ", ".join(other.of for other in others) if len(others) < 4 else f"{len(others)} other gradients"
        more = more and f"; {more} {'are' if len(others) > 1 else 'is'} wrong through it, too"
        first = replace(first, correct=repair.correct, lead=repair.lead)
        ordered.append(replace(first, line=there, fault=repair.edit.fault + more))
        ordered += [replace(other, line=there, fault=f"{_FOLLOWS} {there}") for other in others]
    rest = sorted(by_name.values(), key=lambda f: (f.verdict == "right", f.verdict == "not understood"))
    if suspected and not found:
        rest = _moved(rest, suspected[0], line)
    return ordered + rest


def _moved(findings: Sequence[LineVerdict], suspect: int, line: int) -> list[LineVerdict]:
    """Findings of which the line is not known, put where the first value stands that is no known gradient.

    What says no more of a further one than that it is wrong is said in short.
    """
    moved: list[LineVerdict] = []
    told = False
    for finding in findings:
        if finding.verdict == "wrong" and finding.line == line:
            fault = f"{finding.fault}; line {suspect} is the first that assigns what is no gradient of the model's"
            brief = f"perhaps through line {suspect}, too" if told and says_little(finding.fault or "") else ""
            finding, told = replace(finding, line=suspect, fault=fault, brief=brief), True
        moved.append(finding)
    return moved
