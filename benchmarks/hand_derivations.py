"""How well `derive check` finds mistakes: lines right and wrong, and what it says of them.

    python benchmarks/hand_derivations.py [--models vanilla,lstm] [--every 4] [--pairs 4] [--jobs 2] [--python] [--list]

Every line is labelled by finite differences. From derivations that are right, every mistake is made at every place, by
code that knows nothing of the checker's table; others were written by hand. Rewritings stay right. Definitions of the
person's own are corrupted alone and in pairs: is the definition blamed, and not what rests on it? With `--python` the
mistakes in NumPy code are among them.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the mistakes in NumPy code stand beside the tests

from benchmarks.hand.defined import Blamed, Definitions
from benchmarks.hand.python_mistakes import Traced, traced
from benchmarks.hand.study import Outcome, Study, by_hand, sections

FILES = ("correct.txt", "by_hand.txt", "definitions.txt")


@dataclass(frozen=True)
class Section:
    """What a file says of one model: lines that are judged in one go.

    Attributes:
        file: the file's name.
        number: which section of the file it is.
        model: the model's name.
        lines: its lines.
    """

    file: str
    number: int
    model: str
    lines: tuple[str, ...]


def all_sections(models: set[str]) -> list[Section]:
    """Every section about some models; about all if none is named."""
    return [
        Section(file, number, name, tuple(lines))
        for file in FILES
        for number, (name, lines) in enumerate(sections(file))
        if not models or name in models
    ]


def judged(section: Section, pairs: int, every: int) -> list[Outcome | Blamed]:
    """What is said of the lines of one section."""
    rng = random.Random(f"{section.file} {section.number}")
    if section.file == "definitions.txt":
        derivation = Definitions(section.model, section.lines)
        return [derivation.judged(sample) for sample in list(derivation.samples(2 * pairs, rng))[::every]]
    study = Study(section.model)
    if section.file == "by_hand.txt":
        return list(study.judged(list(by_hand(study, section.lines))))
    claims = [line for line in section.lines if not study.define(line)]
    samples = [s for line in claims for s in study.rewritings(line)]
    if pairs:
        samples += [s for line in claims for s in study.mistakes(line)][::every]
        samples += [s for line in claims for s in study.pairs(line, pairs, rng)]
    return list(study.judged(samples))


def outcomes(chosen: Sequence[Section], pairs: int, every: int, jobs: int) -> list[Outcome | Blamed]:
    """What is said of all lines; it is the same for any number of jobs."""
    judge: Callable[[Section], list[Outcome | Blamed]] = partial(judged, pairs=pairs, every=every)
    if jobs == 1:
        return [one for section in chosen for one in judge(section)]
    with ProcessPoolExecutor(jobs) as pool:
        return [one for found in pool.map(judge, chosen) for one in found]


# -- tables ------------------------------------------------------------------------------------------------------------


def kinds(found: Sequence[Outcome], title: str) -> None:
    """Print a row for each kind of line."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in found:
        groups[outcome.sample.kind].append(outcome)
    if not found:
        return
    print(f"\n{title:34} lines   right   wrong  unclear  named   same  proved   mean s   max s")
    for kind, group in [*sorted(groups.items()), ("all", list(found))]:
        said = [o.verdict.verdict for o in group]
        seconds = [o.seconds for o in group]
        named = sum(o.exact for o in group) / len(group)
        same = sum(o.same for o in group) / len(group)
        proved = sum(o.verdict.proved for o in group) / len(group)
        print(
            f"{kind:34} {len(group):5} {said.count('right'):7} {said.count('wrong'):7} {said.count('not understood'):8}"
            f" {named:6.1%} {same:6.1%} {proved:6.1%} {sum(seconds) / len(group):8.2f} {max(seconds):7.2f}"
        )


def summary(lines: Sequence[Outcome], files: Sequence[Blamed], code: Sequence[Traced]) -> None:
    """Print the table that says it all: a row for each part of the study."""
    print(f"\n{'':44} count  judged   named  mean s   max s")
    right = [o for o in lines if o.sample.true]
    wrong = [o for o in lines if not o.sample.true]
    _row("lines that are right", [(o.verdict.verdict == "right", None, o.seconds) for o in right])
    for title, count in (("lines with one mistake", 1), ("lines with two mistakes", 2)):
        group = [o for o in wrong if o.sample.count == count]
        _row(title, [(o.verdict.verdict == "wrong", o.exact, o.seconds) for o in group])
    for title, count in (("files with a mistake in one definition", 1), ("files with mistakes in two definitions", 2)):
        faulty = [b for b in files if len(b.sample.faulty) == count]
        _row(f"{title}: named", [(b.judged, b.exact, b.seconds) for b in faulty])
        _row("    blamed", [(b.judged, b.blamed, b.seconds) for b in faulty])
        _row("    or the lines mended that rest on it", [(b.judged, b.blamed or b.other, b.seconds) for b in faulty])
    plain = [b for b in files if not b.sample.faulty]
    _row("files with right definitions: none blamed", [(b.judged, b.blamed, b.seconds) for b in plain])
    _row("Python files with a mistake: located", [(t.caught, t.located, t.seconds) for t in code])


def _row(title: str, found: Sequence[tuple[bool, bool | None, float]]) -> None:
    """Print one row: the share judged as it is, the share named, and the time."""
    if not found:
        return
    share = sum(judged for judged, _, _ in found) / len(found)
    named = [named for _, named, _ in found if named is not None]
    said = f"{sum(named) / len(named):7.1%}" if named else f"{'':7}"
    seconds = [seconds for _, _, seconds in found]
    print(f"{title:44} {len(found):5} {share:7.1%} {said} {sum(seconds) / len(seconds):7.2f} {max(seconds):7.2f}")


def misjudged(lines: Sequence[Outcome], files: Sequence[Blamed]) -> None:
    """Print what was called wrong and is right, or right and is wrong, or was not understood."""
    false_alarms = [o for o in lines if o.sample.true and o.verdict.verdict != "right"]
    missed = [o for o in lines if not o.sample.true and o.verdict.verdict != "wrong"]
    print(f"\nright lines not called right: {len(false_alarms)}; wrong lines not called wrong: {len(missed)}")
    for outcome in [*false_alarms, *missed]:
        print(f"  {outcome.sample.model}: {outcome.sample.text}")
        print(f"      {outcome.verdict.verdict}: {outcome.verdict.fault}")
    bad = [b for b in files if not b.judged]
    print(f"files with a line that is misjudged: {len(bad)}")
    for blamed in bad:
        _file(blamed)


def _file(blamed: Blamed) -> None:
    sample = blamed.sample
    print(f"\n{sample.model}, {sample.kind}: wrong are {sorted(sample.wrong)}, through {sorted(sample.faulty)}")
    for line, text, base in zip(blamed.verdicts, sample.lines, sample.bases, strict=True):
        print(f"    {line.line} {line.verdict:14} {text}" + (f"    for {base}" if text != base else ""))
        if line.fault:
            print(f"          {line.fault}\n          {line.correct}")


def unnamed(lines: Sequence[Outcome], files: Sequence[Blamed]) -> None:
    """Print every line whose mistake was not named exactly."""
    for outcome in lines:
        sample, verdict = outcome.sample, outcome.verdict
        if not sample.true and not outcome.exact:
            print(f"\n{sample.model}, {sample.kind}: {sample.text}\n    {sample.base}")
            print(f"    {verdict.mistakes} {verdict.fault}\n    {verdict.correct}  ({outcome.seconds:.2f} s)")
    for blamed in files:
        if not blamed.exact:
            _file(blamed)


def main() -> None:
    """Make the lines, judge them and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default="", help="a few models only, with commas between")
    parser.add_argument("--pairs", type=int, default=4, help="pairs of mistakes a line")
    parser.add_argument("--every", type=int, default=1, help="take each n-th line with a mistake only")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes work on it")
    parser.add_argument("--python", action="store_true", help="mistakes in NumPy code, too")
    parser.add_argument("--list", action="store_true", help="print every line whose mistake was not named exactly")
    arguments = parser.parse_args()
    begin = time.perf_counter()
    chosen = all_sections(set(filter(None, arguments.models.split(","))))
    found = outcomes(chosen, arguments.pairs, arguments.every, arguments.jobs)
    lines = [one for one in found if isinstance(one, Outcome)]
    files = [one for one in found if isinstance(one, Blamed)]
    code = traced() if arguments.python else []
    kinds([o for o in lines if o.sample.true], "right lines")
    kinds([o for o in lines if o.sample.count == 1 and not o.sample.true], "one mistake")
    if arguments.list:
        unnamed(lines, files)
    misjudged(lines, files)
    summary(lines, files, code)
    print(f"\n{time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
