"""The child process: loads a person's file, calls its function on the data of a folder, writes what came of it there.

It is started as a script and imports nothing of derive's, so that a person's code can reach only what it brings. It
reads `job.json` and `data.npz` of a folder and writes `answer.json` and `answer.npz`.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import signal
import sys
import time
import traceback
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

MOST_ENTRIES = 1_000_000  # of an array that is returned
MOST_RECORDS, LONGEST_RECORD = 6000, 4096
OF_A_CANDIDATE = 0.5  # seconds
AFTER_THE_FIRST = 0.8


class OutOfTimeError(BaseException):
    """The time is over. No `except Exception` of a person's stops it."""


def main(folder: Path) -> None:
    """Do the job of the folder and write the answer."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    with np.load(folder / "data.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    sys.path.extend(path for path in job["path"] if path not in sys.path)
    _limit_memory(job["memory"])
    answer: dict[str, Any] = {}
    results: dict[str, Any] = {}
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _late)
    try:
        with _time(job["seconds"]):
            namespace = _loaded(job)
            answer = _search(job, arrays, namespace) if "candidates" in job else _calls(job, arrays, namespace, results)
    except BaseException as error:
        answer = {"stage": "load", **_told(error, job["file"])}
    np.savez(folder / "answer.npz", **results)
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    os._exit(0)  # no thread and no exit handler of a person's holds the process


def _limit_memory(most: int) -> None:
    with contextlib.suppress(ImportError):  # not on every system; the time limit holds there all the same
        import resource

        for kind, bound in ((resource.RLIMIT_AS, most), (resource.RLIMIT_FSIZE, most), (resource.RLIMIT_CORE, 0)):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, (bound, bound))


def _late(*_: Any) -> None:
    raise OutOfTimeError


@contextlib.contextmanager
def _time(seconds: float) -> Iterator[None]:
    """Raise `OutOfTimeError` in the block after so many seconds, where the system can."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)  # again and again: an `except:` may swallow one
    began = time.monotonic()
    try:
        yield
    finally:
        remaining = max(left - (time.monotonic() - began), 1e-3) if left else 0.0
        signal.setitimer(signal.ITIMER_REAL, remaining, 0.5 if left else 0.0)


def _loaded(job: dict[str, Any]) -> dict[str, Any]:
    """The namespace of the person's file, its own code for a program (`__main__`) not run."""
    module = types.ModuleType("derivation")
    module.__file__ = job["file"]
    sys.modules["derivation"] = module
    namespace = module.__dict__
    exec(compile(job["text"], job["file"], "exec"), namespace)
    return namespace


def _calls(job: dict[str, Any], arrays: dict[str, Any], namespace: dict[str, Any], results: dict[str, Any]) -> Any:
    """Every point's call, and the trace of one of them; up to the first that fails."""
    function = namespace[job["function"]]
    answer: dict[str, Any] = {"stage": "call", "returned": []}
    for point in range(job["points"]):
        try:
            with np.errstate(all="ignore"):
                returned = function(*_arguments(arrays, point))
            answer["returned"].append(_stored(returned, point, results))
        except BaseException as error:
            answer |= {"point": point, **_told(error, job["file"])}
            if isinstance(error, OutOfTimeError):
                return answer
            break
    lines = _targets(ast.parse(job["text"]), job["functions"])
    records = _traced(lambda: function(*_arguments(arrays, 0)), job["file"], lines)
    answer["records"] = [[line, name] for line, name, _ in records]
    results |= {f"record/{n}": value for n, (_, _, value) in enumerate(records)}
    return answer


_POINTS: dict[int, list[tuple[str, str, Any]]] = {}  # what each point's call is given, found once


def _arguments(arrays: dict[str, Any], point: int) -> tuple[dict[str, Any], ...]:
    """Fresh copies of the three dictionaries: what one call spoils no other sees."""
    found: dict[str, dict[str, Any]] = {"params": {}, "data": {}, "forward": {}}
    if point not in _POINTS:
        parts = [(key.split("/", 2), array) for key, array in arrays.items() if key.startswith(f"{point}/")]
        _POINTS[point] = [(kind, name, array) for (_, kind, name), array in parts if kind in found]
    for kind, name, array in _POINTS[point]:
        found[kind][name] = array.copy() if array.ndim else array.item()
    return found["params"], found["data"], found["forward"]


def _stored(returned: Any, point: int, results: dict[str, Any]) -> Any:
    """What a call returned, as a list of names; the arrays go to `results`."""
    if not isinstance(returned, dict):
        return {"is": type(returned).__name__}
    names = []
    for number, (key, value) in enumerate(returned.items()):
        try:
            array = np.asarray(value)
            trouble = "" if array.dtype.kind in "fiubc" else f"holds {type(value).__name__}, not numbers"
        except Exception:
            array, trouble = np.zeros(0), f"is a {type(value).__name__} that is no array"
        if array.size > MOST_ENTRIES:
            trouble = f"has {array.size} entries"
        names.append([str(key)[:200], trouble])
        results[f"{point}/{number}"] = np.zeros(0) if trouble else array
    return {"names": names}


def _told(error: BaseException, file: str) -> dict[str, Any]:
    """What was raised, and the last line of the person's file that it went through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    line = frames[-1].lineno if frames else getattr(error, "lineno", None)
    kind = "late" if isinstance(error, OutOfTimeError) else "raised"
    try:
        message = str(error)[:500]
    except Exception:
        message = ""
    return {"error": {"kind": kind, "type": type(error).__name__, "message": message, "line": line}}


def _targets(tree: ast.AST, functions: list[str] | None = None) -> dict[int, tuple[int, tuple[str, ...]]]:
    """By line: the statement's first line, and the names that it assigns."""
    found: dict[int, tuple[int, tuple[str, ...]]] = {}
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or (functions is not None and function.name not in functions):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                inside = [part for target in targets for part in ast.walk(target)]
                written = {n.value.id for n in inside if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)}
                written |= {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
                last = (node.iter if isinstance(node, ast.For) else node).end_lineno or node.lineno
                found |= dict.fromkeys(range(node.lineno, last + 1), (node.lineno, tuple(sorted(written))))
    return found


def _traced(call: Callable[[], Any], file: str, lines: dict[int, tuple[int, tuple[str, ...]]]) -> list[Any]:
    """The arrays that each statement assigns, in the order of the run: line (0 for an argument), name, value."""
    records: list[tuple[int, str, Any]] = []
    waiting: dict[Any, tuple[int, tuple[str, ...]]] = {}

    def watch(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != file:
            return None
        if event == "call":
            count = frame.f_code.co_argcount
            given = [(name, _shown(frame.f_locals.get(name))) for name in frame.f_code.co_varnames[:count]]
            records.extend((0, name, value) for name, value in given if value is not None)
        if event not in ("line", "return"):
            return watch
        done, now = waiting.get(frame), lines.get(frame.f_lineno)
        if done is not None and (event == "return" or now is None or now[0] != done[0] or frame.f_lineno == done[0]):
            held = frame.f_locals
            for name in done[1] if len(records) < MOST_RECORDS else ():
                shown = _shown(held.get(name))
                if shown is not None:
                    records.append((done[0], name, shown))
            waiting.pop(frame)
        if event == "line" and now is not None:
            waiting[frame] = now
        return watch

    sys.settrace(watch)
    try:
        with np.errstate(all="ignore"):
            call()
    except (Exception, OutOfTimeError):
        pass
    finally:
        sys.settrace(None)
    return records


def _shown(value: Any) -> Any:
    """A value as an array where it is one; of a list, or of a dictionary by step, its first entry that is one."""
    if isinstance(value, dict):
        value = [] if any(isinstance(key, str) for key in value) else list(value.values())
    if isinstance(value, list | tuple):
        value = next((entry[np.newaxis] for entry in value if isinstance(entry, np.ndarray)), None)
    if not isinstance(value, np.ndarray | np.number | float | int):
        return None
    array = np.array(value)
    return array if array.dtype.kind in "fiu" and array.size <= LONGEST_RECORD else None


def _search(job: dict[str, Any], arrays: dict[str, Any], namespace: dict[str, Any]) -> Any:
    """Which candidates make which parameters right, and how well the values in them are known gradients."""
    masks: list[int] = []
    whole, deadline = (1 << len(job["names"])) - 1, time.monotonic() + job["of_search"]
    with contextlib.suppress(OutOfTimeError), _time(job["of_search"]), open(os.devnull, "w") as nowhere:
        with contextlib.redirect_stdout(nowhere):
            for candidate in job["candidates"]:
                tried = _with_candidate(job, namespace, candidate)
                masks.append(_mask(job, namespace, arrays) if tried else 0)
                namespace |= _originals(job, namespace)
                if masks[-1] == whole:  # others that mend all may be nearer, but not all others need be tried
                    deadline = min(deadline, time.monotonic() + AFTER_THE_FIRST)
                if time.monotonic() > deadline:
                    break
    best = max((mask.bit_count() for mask in masks), default=0) or -1
    chosen = [n for n, mask in enumerate(masks) if mask.bit_count() == best][:60]
    unknown = {}
    for number in chosen:
        with contextlib.suppress(OutOfTimeError, Exception), _time(OF_A_CANDIDATE):
            unknown[number] = _unknown(job, namespace, job["candidates"][number], arrays)
    return {"stage": "search", "masks": masks, "unknown": unknown}


_ORIGINALS: dict[str, Any] = {}


def _originals(job: dict[str, Any], namespace: dict[str, Any]) -> dict[str, Any]:
    """The person's own functions, as they were before any candidate."""
    if not _ORIGINALS:
        _ORIGINALS.update({name: namespace[name] for name in job["functions"]})
    return _ORIGINALS


def _with_candidate(job: dict[str, Any], namespace: dict[str, Any], candidate: Any) -> bool:
    """Put the changed function into the namespace. False where the text is no Python."""
    _originals(job, namespace)
    try:
        exec(compile(changed(job["text"], job["spans"], candidate), job["file"], "exec"), namespace)
    except Exception:
        return False
    return True


def changed(text: str, spans: list[list[int]], candidate: list[Any]) -> str:
    """The function that a candidate changes, as text on its own lines."""
    number, splices = int(candidate[0]), candidate[1]
    first, last, line = spans[number]
    for start, end, new in sorted(splices, reverse=True):
        text = text[:start] + new + text[end:]
        last += len(new) - (end - start)
    return "\n" * (line - 1) + text[first:last]


def _mask(job: dict[str, Any], namespace: dict[str, Any], arrays: dict[str, Any]) -> int:
    """The parameters that are right at every point, as bits; 0 where none is that was not before."""
    names, base = job["names"], job["base"]
    wrong = [n for n in range(len(names)) if not base >> n & 1]
    mended = sum(1 << n for n in wrong)
    for point in job["order"]:
        try:
            with _time(OF_A_CANDIDATE), np.errstate(all="ignore"):
                returned = namespace[job["function"]](*_arguments(arrays, point))
            mended &= sum(1 << n for n in wrong if agrees(returned.get(names[n]), arrays, point, names[n]))
            if not mended:
                return 0
            if not all(
                agrees(returned.get(name), arrays, point, name) for n, name in enumerate(names) if base >> n & 1
            ):
                return 0
        except (Exception, OutOfTimeError):
            return 0
    return int(base | mended)


def agrees(value: Any, arrays: dict[str, Any], point: int, name: str) -> bool:
    """Whether a returned gradient is the true one."""
    true, bound = arrays[f"{point}/truth/{name}"], arrays[f"{point}/bound/{name}"]
    array = np.asarray(value)
    if array.shape != true.shape or array.dtype.kind not in "fiu":
        return False
    if array.dtype == np.float32:
        bound = max(bound, 1e-4 * np.max(np.abs(true), initial=0.0))
    return bool(np.all(np.abs(array - true) <= bound))


def _unknown(job: dict[str, Any], namespace: dict[str, Any], candidate: Any, arrays: dict[str, Any]) -> int:
    """How many statements assign, at some time, what is no known gradient."""
    if not _with_candidate(job, namespace, candidate):
        return 0
    # Those of the other functions too; where lines were put in, the changed function's own come before theirs.
    lines = _targets(ast.parse(job["text"]), job["functions"])
    first, last, line = job["spans"][candidate[0]]
    gone = range(line, line + job["text"].count("\n", first, last) + 1)
    lines = {n: told for n, told in lines.items() if n not in gone}
    lines |= _targets(ast.parse(changed(job["text"], job["spans"], candidate)))
    records = _traced(lambda: namespace[job["function"]](*_arguments(arrays, 0)), job["file"], lines)
    namespace |= _originals(job, namespace)
    return len({(line, name) for line, name, value in records if line and not is_known(value, name, arrays)})


def is_known(value: Any, name: str, arrays: dict[str, Any]) -> bool:
    """Whether an array is a known one, as it is or transposed; of a name that says which, whether it is that one.

    Args:
        value: the array. Zeros and whole numbers say nothing, and pass.
        name: the local name that holds it.
        arrays: the known ones, `(K, size)` under `known/<size>`; under `known/<size>/<name>` those of a name, and under
            `known/<size>/gradients` those of a name that begins as a gradient's does.
    """
    if value.dtype.kind in "iub" or not np.any(value):
        return True
    key = f"known/{value.size}"
    rows = arrays.get(f"{key}/{name}")
    if rows is None:
        rows = arrays.get(f"{key}/gradients" if name.startswith(("d", "grad", "delta")) else key)
    if rows is None or value.dtype.kind != "f":
        return False
    bound = 1e-8 * (1e-3 + np.abs(rows))
    return any(np.any(np.all(np.abs(rows - turned.ravel()) <= bound, axis=1)) for turned in (value, value.T))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
