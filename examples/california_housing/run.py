"""A real model goes stale on real data, is retrained, proven better and swapped in: `make demo`."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import holdfast as hf
import quality
import report
import stream
from housing import find_wheel, read_rows

ROOT = Path(__file__).resolve().parents[2]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of forests, samples and ids (default: 1)")
    parser.add_argument("--data", type=Path, default=ROOT / "build/data", help="folder that holds nannyml's wheel")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "build/demo", help="folder for the workspace and report.html"
    )
    return parser.parse_args()


def tell_day(day: stream.Day) -> None:
    for decision in day.decisions:
        mark = {"retrain": "!", "promote": "+", "reject": "-"}.get(decision.action, " ")
        print(f"  {mark} {decision.time:%Y-%m-%d}  {decision.sentence}", flush=True)


def tell_month(days: list[stream.Day], workspace: hf.Workspace) -> None:
    answers = stream.gather(days, workspace).answers
    loop, frozen = (quality.score(answers, side)["accuracy"] for side in quality.SIDES)
    month = answers["time"].iloc[-1]
    told = f"{len(answers)} answers, accuracy {loop:.3f} (never retrained: {frozen:.3f}), v{days[-1].version} live"
    print(f"{month:%B %Y}: {told}", flush=True)


def tell_end(story: stream.Story, verdicts: dict[int, str]) -> None:
    print("\nWhat happened, and why")
    for version in story.versions:
        fate = story.fates[version.number]
        print(f"  v{version.number} {version.state} on {fate.time:%Y-%m-%d} by {fate.by}: {fate.note}")
    print("\nAccuracy over the 14 days before and after each swap (never retrained in brackets)")
    for swap in quality.swaps(story.answers):
        before, after = ([part[side]["accuracy"] for side in quality.SIDES] for part in (swap.before, swap.after))
        told = f"{before[0]:.3f} ({before[1]:.3f}) -> {after[0]:.3f} ({after[1]:.3f})"
        print(f"  {swap.time:%Y-%m-%d} v{swap.version}: {told}")
    print("\nThe whole year       accuracy  Brier    AUC")
    for side in quality.SIDES:
        whole = quality.score(story.answers, side)
        print(f"  {report.NAMES[side]:<18} {whole['accuracy']:.3f}     {whole['brier']:.3f}    {whole['auc']:.3f}")
    same = list(verdicts.values()).count("reproduced")
    print(f"\n{same} of {len(verdicts)} decisions of a policy, re-run from the store, gave the same bits.")


def main() -> None:
    options = arguments()
    rows = read_rows(find_wheel(options.data))
    folder = options.out / "workspace"
    shutil.rmtree(folder, ignore_errors=True)
    clock = hf.SimulatedClock(rows.reference["timestamp"].iloc[-1])
    counts = f"{len(rows.reference)} reference rows, then {len(rows.later)} hourly ones"
    print(f"{counts}; labels come a week late; seed {options.seed}")

    with hf.Workspace(folder, clock=clock) as workspace:
        seen: list[stream.Day] = []
        month: list[stream.Day] = []
        for day in stream.days(workspace, clock, rows, options.seed):
            if month and day.rows["timestamp"].iloc[0].month != month[-1].rows["timestamp"].iloc[0].month:
                tell_month(month, workspace)
                month = []
            tell_day(day)
            seen.append(day)
            month.append(day)
        tell_month(month, workspace)
        story = stream.gather(seen, workspace)
        by_policy = [decision for decision in story.decisions if decision.policy in ("retrain", "promote")]
        verdicts = {decision.sequence: hf.explain(decision, workspace).verdict for decision in by_policy}
        tell_end(story, verdicts)
        page = options.out / "report.html"
        report.write(story, verdicts, options.seed, page)
    print(f"\nReport: {page}")


if __name__ == "__main__":
    main()
