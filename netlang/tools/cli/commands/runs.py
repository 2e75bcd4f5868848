"""``netlang runs`` lists the runs that are kept, and compares two of them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import counted, listed
from netlang.language.run_record import RECORD
from netlang.runs.folders.kept_run import PARTS, KeptRun, differing, is_better_higher
from netlang.runs.folders.run_difference import RunDifference, Texts, run_difference
from netlang.runs.lines.display import number
from netlang.runs.run_names import RUNS
from netlang.runs.tuning.kept_study import KeptStudy, studies_in
from netlang.system.terminal import aligned, visible
from netlang.tools.cli.named.kept_runs import run_named, runs_below
from netlang.tools.cli.output.difference import change_rows, show_texts_difference
from netlang.tools.cli.output.json_answers import json_option, print_json
from netlang.tools.cli.output.printing import visible_path

_SHA256 = re.compile("[0-9a-f]{64}")
_DIGEST = 12  # characters of a SHA-256 that are shown


@click.command("runs")
@click.argument("folders", metavar="[FOLDER | RUN RUN]", nargs=-1, type=click.Path())
@click.option(
    "--by",
    metavar="METRIC",
    default="time",
    show_default=True,
    help="Sort by a metric, such as test.accuracy, the best last; or by `time` or `seconds`.",
)
@json_option
def command(folders: tuple[str, ...], by: str, as_data: bool) -> None:
    """List the runs in FOLDER, or show what differs between two.

    FOLDER is `runs` if none is named. The newest run is last. One that has not finished shows the
    metrics of its last epoch, and one whose process is gone was `killed`. Studies of `netlang tune`
    stand below the runs; `netlang runs runs/tune-NAME` lists the runs of the best file of one.

    Of two RUNs, each a run's folder or its name in `runs`, this shows what differs in meaning,
    text, data, surroundings and results.

    \b
    Example:
        netlang runs --by test.accuracy
        netlang runs runs/model2-20261124-091240 runs/model2-20261124-091512
    """
    if len(folders) > 2:
        raise click.UsageError("FOLDER holds runs that are listed, and two RUNs are compared.")
    if len(folders) == 2:
        before, after = map(run_named, folders)
        difference = run_difference(before, after)
        if as_data:
            print_json(_difference_as_data(difference))
        else:
            _show(difference, before, after)
        return
    root = Path(*folders) if folders else RUNS
    runs = _listed(root)
    by = _order_meant(runs, by)
    runs = _sorted(runs, by)
    if as_data:
        print_json([_as_data(run) for run in runs])
    elif runs:
        click.echo(_table(runs, by))
        if any(run.can_go_on for run in runs):
            help = "`netlang resume RUN` goes on with a run that was killed, interrupted or failed"
            click.echo(f"\n{help}", err=True)
    studies = [] if as_data else studies_in(root)
    if studies:
        click.echo("\n".join([*[""] * bool(runs), *_lines_of(studies)]))
    elif not (runs or as_data):
        click.echo(f"there are no runs in {visible_path(str(root))}")


def _lines_of(studies: Sequence[KeptStudy]) -> list[str]:
    """A row for each study below the columns' names."""
    rows = [("study", "file", "trials", "best")]
    for one in studies:
        best = "" if one.best is None else f"{one.metric} {number(one.best)}"
        trials = f"{sum(one.states.values()):,}"
        rows.append((visible(str(one.folder)), visible(one.file), trials, visible(best)))
    head, *others = aligned(rows, right=[2])
    return [click.style(head, bold=True), *others]


def _listed(root: Path) -> list[KeptRun]:
    """The runs in ``root``, or the one that ``root`` keeps.  Raises click.ClickException."""
    if root.is_dir() and (below := runs_below(root)):  # a run of folds has one for each
        return below
    if (root / RECORD).exists() or not (root.is_dir() or root == RUNS):
        return [run_named(str(root))]
    return []


def _order_meant(runs: Sequence[KeptRun], by: str) -> str:
    """What --by names: "time", "seconds", or the path of a metric. ``accuracy`` is that on the
    test, or on the part that has it.  Raises click.UsageError for what no run has.
    """
    paths = dict.fromkeys(path for run in runs for path in run.metrics)
    orders = [*paths, "seconds", "time"]
    if by in orders or not runs:
        return by
    if found := [path for part in PARTS if (path := f"{part}.{by}") in paths]:
        return found[0]
    meant = next((path for path in sorted(paths) if path.startswith(by)), nearest(by, orders))
    hint = f"did you mean {meant}?" if meant else f"there are {listed(orders, 12)}"
    raise click.UsageError(f"none of these runs has {by!r}; {hint}")


def _sorted(runs: list[KeptRun], by: str) -> list[KeptRun]:
    """``runs`` by what --by says, the best last; those that do not have it come first."""
    if by == "time" or not runs:
        return runs
    sign = 1 if is_better_higher(by) else -1

    def value(run: KeptRun) -> float:
        found = run.seconds if by == "seconds" else run.metrics.get(by)
        return -math.inf if found is None or math.isnan(found) else sign * found

    return sorted(runs, key=value)


def _as_data(run: KeptRun) -> dict[str, object]:
    return {
        "run": str(run.folder),
        "file": run.file,
        "started": run.started.isoformat() if run.started else None,
        "status": run.status,
        "epoch": run.epoch,
        "epochs": run.epochs,
        **_members(run),
        "metrics": {path: _finite(value) for path, value in run.metrics.items()},
        "train_seconds": run.seconds,
        "overrides": run.overrides,
    }


def _members(run: KeptRun) -> dict[str, int]:
    """How many trainings a series has, and how many of them are done; nothing of one training."""
    if not run.members:
        return {}
    return {f"{run.series}s": run.members, f"{run.series}s_done": run.members_done}


def _table(runs: Sequence[KeptRun], by: str) -> str:
    """A row for each run below the columns' names, with what they are sorted by; columns that
    nothing has are left out.
    """
    paths = dict.fromkeys(path for run in runs for path in run.judged)
    paths |= dict.fromkeys([by] if any(by in run.metrics for run in runs) else [])
    columns = [
        ("run", [visible(str(run.folder)) for run in runs]),
        ("file", [visible(run.file) for run in runs]),
        ("started", [f"{run.started:%Y-%m-%d %H:%M:%S}" if run.started else "" for run in runs]),
        ("status", [visible(run.status) for run in runs]),
        ("epochs", [_epochs(run) for run in runs]),
        *((visible(path), [_shown(run.metrics.get(path)) for run in runs]) for path in paths),
        ("seconds", [_seconds(run) for run in runs]),
        (
            "--set",
            [visible(" ".join(f"{k}={v}" for k, v in run.overrides.items())) for run in runs],
        ),
    ]
    kept = [(title, cells) for title, cells in columns if any(cells)]
    right = [
        index for index, (title, _) in enumerate(kept) if title in (*paths, "epochs", "seconds")
    ]
    head, *rows = aligned(zip(*((title, *cells) for title, cells in kept), strict=True), right)
    return "\n".join([click.style(head, bold=True), *rows])


def _epochs(run: KeptRun) -> str:
    """How many epochs are done, or folds or seeds, and of how many, if that is not all."""
    if run.members:
        done = "" if run.members_done == run.members else f"{run.members_done}/"
        return f"{done}{counted(run.members, run.series)}"
    done = f"{run.epoch:,}"
    return done if run.epochs in (None, run.epoch) else f"{done}/{run.epochs:,}"


def _seconds(run: KeptRun) -> str:
    return "" if run.seconds is None else f"{run.seconds:.3g}"


def _shown(value: float | None) -> str:
    return "" if value is None else number(value)


def _finite(value: float | None) -> float | None:
    """``value`` as JSON can hold it."""
    return value if value is not None and math.isfinite(value) else None


def _show(difference: RunDifference, before: KeptRun, after: KeptRun) -> None:
    """Print each part of a difference that is not empty, below its name."""
    if difference.changes is None:
        was, now = differing([before, after])
        settings = {name: (was.get(name), now.get(name)) for name in {**was, **now}}
        why = f"cannot be compared: {visible(difference.why)}"
        _part("meaning", [why, *_rows(settings)])
    else:
        _part("meaning", aligned(change_rows(difference.changes)))
    for name, (old, new) in difference.texts.items():
        click.echo(_title("text"))
        names = [str(run.folder / name) for run in (before, after)]
        show_texts_difference((names[0], old or ""), (names[1], new or ""))
    _part("--set", _rows({"": difference.overrides} if len({*difference.overrides}) > 1 else {}))
    _part("data", _rows(difference.data))
    _part("surroundings", _rows(difference.surroundings))
    _part("results", _results(difference, before, after))


def _part(title: str, lines: Sequence[str]) -> None:
    if lines:
        click.echo("\n".join([_title(title), *(f"  {line}" for line in lines)]))


def _title(title: str) -> str:
    return click.style(title, bold=True)


def _rows(pairs: Mapping[str, Texts]) -> list[str]:
    """A row for each pair: its name, and from what to what."""
    cells = [
        (visible(name), " -> ".join(visible(_short(text)) for text in pair))
        for name, pair in pairs.items()
    ]
    return [line.strip() for line in aligned(cells)]


def _short(text: str | None) -> str:
    """``text``, but of a SHA-256 its beginning."""
    if text is None:
        return "none"
    return text[:_DIGEST] if _SHA256.fullmatch(text) else text


def _results(difference: RunDifference, before: KeptRun, after: KeptRun) -> list[str]:
    """A row for each metric, and for how far the runs came: before, after, and the difference."""
    rows = [("", "before", "after", "")]
    if before.status != after.status:
        rows.append(("status", visible(before.status), visible(after.status), ""))
    rows.append(("epochs", _epochs(before), _epochs(after), ""))
    for path, (old, new) in difference.results.items():
        change = _change(old, new) if old is not None and new is not None else ""
        rows.append((visible(path), _shown(old), _shown(new), "=" if old == new else change))
    seconds = [_seconds(run) for run in (before, after)]
    return aligned([*rows, ("seconds", *seconds, "")], right=[1, 2, 3])


def _change(before: float, after: float) -> str:
    """By how much a number changed; rounding alone is no change."""
    difference = 0.0 if math.isclose(before, after, rel_tol=1e-12) else after - before
    return number(difference) if difference < 0 else f"+{number(difference)}"


def _difference_as_data(difference: RunDifference) -> dict[str, object]:
    changes = difference.changes
    return {
        "changes": None if changes is None else [change.as_dict() for change in changes],
        "why": difference.why,
        "overrides": difference.overrides,
        "texts": difference.texts,
        "data": difference.data,
        "surroundings": difference.surroundings,
        "results": {
            path: [_finite(value) for value in pair] for path, pair in difference.results.items()
        },
    }
