"""The child process: loads a person's file, calls its function on the data of a folder, writes what came of it there.

It imports nothing of derive's but its neighbours, so that a person's code can reach only what it brings. It reads
`job.json` and `data.npz` of a folder and writes `answer.json` and `answer.npz`.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import sys
import traceback
import types
from pathlib import Path
from typing import Any

import numpy as np

from .given import Given, MissingError  # relative: in the child the package has another name
from .limits import BEGUN, OutOfTimeError, at_most, limit_memory, limit_time
from .tracing import targets, traced
from .trying import Search

MOST_ENTRIES = 1_000_000  # of an array that is returned


def main(folder: Path) -> None:
    """Do the job of the folder and write the answer."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    with np.load(folder / "data.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    sys.path.extend(path for path in job["path"] if path not in sys.path)
    limit_memory(job["memory"])
    limit_time()
    process = os.getpid()
    answer: dict[str, Any] = {}
    results: dict[str, Any] = {}
    (folder / BEGUN).touch()
    try:
        with at_most(job["seconds"]):
            namespace = _loaded(job)
            given = Given(arrays)
            if "candidates" in job:
                answer = Search(job, arrays, namespace, lambda code: exec(code, namespace), given).run()
            else:
                answer = _calls(job, given, namespace, results)
    except BaseException as error:
        answer = {"stage": "load", **_told(error, job["file"])}
    if os.getpid() != process:
        os._exit(0)  # what the person's code forked is no second answer
    np.savez(folder / "answer.npz", **results)
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    os._exit(0)  # no thread and no exit handler of a person's holds the process


def _loaded(job: dict[str, Any]) -> dict[str, Any]:
    """The namespace of the person's file, its own code for a program (`__main__`) not run."""
    module = types.ModuleType("derivation")
    module.__file__ = job["file"]
    sys.modules["derivation"] = module
    namespace = module.__dict__
    exec(compile(job["text"], job["file"], "exec"), namespace)
    return namespace


def _calls(job: dict[str, Any], given: Given, namespace: dict[str, Any], results: dict[str, Any]) -> Any:
    """Every point's call, up to the first that fails; then the first once more, traced."""
    function = namespace[job["function"]]
    answer: dict[str, Any] = {"stage": "call", "returned": []}
    spoiled: dict[str, None] = {}
    for point in range(job["points"]):
        arguments = given.fresh(point)
        try:
            with np.errstate(all="ignore"):
                returned = function(*arguments)
            answer["returned"].append(_stored(returned, point, results))
        except BaseException as error:
            answer |= {"point": point, **_told(error, job["file"])}
            if isinstance(error, OutOfTimeError):
                return answer
            break
        spoiled |= dict.fromkeys(given.compare(point, arguments))
    again: list[Any] = []
    lines = targets(ast.parse(job["text"]), job["functions"])
    records = traced(lambda: again.append(function(*given.fresh(0))), job["file"], lines)
    answer["records"] = [[line, name] for line, name, _ in records]
    results |= {f"record/{n}": value for n, (_, _, value) in enumerate(records)}
    answer |= {"spoiled": list(spoiled), "unsteady": _differing(again, answer["returned"], results)}
    return answer


def _stored(returned: Any, point: int, results: dict[str, Any]) -> Any:
    """What a call returned, as a list of names; the arrays go to `results`."""
    if not isinstance(returned, dict):
        return {"is": type(returned).__name__}
    names = []
    for number, (key, value) in enumerate(returned.items()):
        try:
            array = np.array(value)
            trouble = "" if array.dtype.kind in "fiubc" else f"holds {type(value).__name__}, not numbers"
        except Exception:
            array, trouble = np.zeros(0), f"is a {type(value).__name__} that is no array"
        if array.size > MOST_ENTRIES:
            trouble = f"has {array.size} entries"
        names.append([str(key)[:200], trouble])
        results[f"{point}/{number}"] = np.zeros(0) if trouble else array
    return {"names": names}


def _differing(again: list[Any], returned: list[Any], results: dict[str, Any]) -> list[str]:
    """The entries that a second call on the same data returns otherwise."""
    if not again or not returned or "names" not in returned[0]:
        return []
    once: dict[str, Any] = {}
    names = _stored(again[0], 0, once).get("names", [])
    places = {key: f"0/{number}" for number, (key, _) in enumerate(returned[0]["names"])}
    found = []
    for number, (key, trouble) in enumerate(names):
        first, second = results.get(places.get(key, "")), once[f"0/{number}"]
        if not trouble and first is not None and first.dtype.kind == "f" and second.shape == first.shape:
            if not np.allclose(first, second, rtol=1e-6, atol=1e-12, equal_nan=True):
                found.append(key)
    return found


def _told(error: BaseException, file: str) -> dict[str, Any]:
    """What was raised, and the last line of the person's file that it went through."""
    line = getattr(error, "lineno", None)
    for frame, number in traceback.walk_tb(error.__traceback__):  # there may be millions
        if frame.f_code.co_filename == file:
            line = number
    kind = "late" if isinstance(error, OutOfTimeError) else "raised"
    try:
        message = str(error)[:500]
    except Exception:
        message = ""
    missing = [error.kind, error.key] if isinstance(error, MissingError) else None
    name = "KeyError" if missing else type(error).__name__
    return {"error": {"kind": kind, "type": name, "message": message, "line": line, "missing": missing}}
