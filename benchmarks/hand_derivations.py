"""How well `derive check` finds mistakes: lines right and wrong, and what it says of them.

    python benchmarks/hand_derivations.py [--models vanilla,lstm] [--pairs 4] [--list]

Every line is labelled by finite differences. From derivations that are right, every mistake is made at every place, by
code that knows nothing of the checker's table; others were written by hand. Rewritings stay right.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict

from hand.study import Outcome, Study, by_hand, correct, hand_sections


def outcomes(models: set[str], pairs: int, every: int) -> list[Outcome]:
    """What is said of every line."""
    found: list[Outcome] = []
    rng = random.Random(0)
    for name, lines in correct():
        if models and name not in models:
            continue
        study = Study(name)
        claims = [line for line in lines if not study.define(line)]
        samples = [s for line in claims for s in study.rewritings(line)]
        if pairs:
            samples += [s for line in claims for s in study.mistakes(line)][::every]
            samples += [s for line in claims for s in study.pairs(line, pairs, rng)]
        found += study.judged(samples)
    for name, lines in hand_sections():
        if not models or name in models:
            study = Study(name)
            found += study.judged(list(by_hand(study, lines)))
    return found


def _rows(found: list[Outcome], title: str) -> None:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in found:
        groups[outcome.sample.kind].append(outcome)
    if not found:
        return
    print(f"\n{title:34} lines   right   wrong  unclear  named   same  proved   mean s   max s")
    for kind, group in [*sorted(groups.items()), ("all", found)]:
        said = [o.verdict.verdict for o in group]
        seconds = [o.seconds for o in group]
        named = sum(o.exact for o in group) / len(group)
        same = sum(o.same for o in group) / len(group)
        proved = sum(o.verdict.proved for o in group) / len(group)
        print(
            f"{kind:34} {len(group):5} {said.count('right'):7} {said.count('wrong'):7} {said.count('not understood'):8}"
            f" {named:6.1%} {same:6.1%} {proved:6.1%} {sum(seconds) / len(group):8.2f} {max(seconds):7.2f}"
        )


def main() -> None:
    """Make the lines, judge them and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default="", help="a few models only, with commas between")
    parser.add_argument("--pairs", type=int, default=4, help="pairs of mistakes a line")
    parser.add_argument("--every", type=int, default=1, help="take each n-th line with a mistake only")
    parser.add_argument("--list", action="store_true", help="print every line whose mistake was not named exactly")
    arguments = parser.parse_args()
    begin = time.perf_counter()
    found = outcomes(set(filter(None, arguments.models.split(","))), arguments.pairs, arguments.every)
    right = [o for o in found if o.sample.true]
    wrong = [o for o in found if not o.sample.true]
    _rows(right, "right lines")
    _rows([o for o in wrong if o.sample.count == 1], "one mistake")
    pairs = [o for o in wrong if o.sample.count == 2]
    if pairs:
        named = sum(o.exact for o in pairs) / len(pairs)
        some = sum(bool(o.verdict.mistakes) for o in pairs) / len(pairs)
        worst = max(o.seconds for o in pairs)
        mean = sum(o.seconds for o in pairs) / len(pairs)
        print(
            f"\ntwo mistakes: {len(pairs)} lines, both named {named:.1%}, mended {some:.1%},"
            f" {mean:.2f} s a line, {worst:.2f} s at most"
        )
    false_alarms = [o for o in right if o.verdict.verdict != "right"]
    missed = [o for o in wrong if o.verdict.verdict != "wrong"]
    print(f"\nright lines not called right: {len(false_alarms)}; wrong lines not called wrong: {len(missed)}")
    for outcome in [*false_alarms, *missed]:
        print(
            f"  {outcome.sample.model}: {outcome.sample.text}\n      {outcome.verdict.verdict}: {outcome.verdict.fault}"
        )
    if arguments.list:
        for outcome in wrong:
            if not outcome.exact:
                sample, verdict = outcome.sample, outcome.verdict
                print(f"\n{sample.model}, {sample.kind}: {sample.text}\n    {sample.base}")
                print(f"    {verdict.mistakes} {verdict.fault}\n    {verdict.correct}  ({outcome.seconds:.2f} s)")
    print(f"\n{time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
