"""``netlang data`` shows what a network will see of its data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from netlang.catalogue.data import Description
from netlang.compiler.ir import Program
from netlang.language.diagnostics.wording import SHOWN, counted, listed, shortened
from netlang.runs.data_view.inputs import InputView
from netlang.runs.data_view.pictures import seen_pictures
from netlang.runs.data_view.spread import Spread
from netlang.runs.data_view.view import DataView, view
from netlang.runs.lines.about_data import gaps
from netlang.runs.lines.display import number, sizes
from netlang.runs.plots import FORMS, draw_samples
from netlang.runs.training.series import folds_of
from netlang.system.packages import Unusable
from netlang.system.terminal import aligned, visible
from netlang.tools.cli.named.sources import NetFile, reported, takes_file
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.json_answers import json_option, print_json
from netlang.tools.cli.output.printing import visible_path

_MOST_LINES = 100  # of inputs, and of classes
_DRAWN, _EPOCHS = 10, 4  # samples that are drawn, and epochs that see them
_SPREAD = "mean", "deviation", "min", "max"


@click.command("data")
@takes_file
@click.option(
    "--draw",
    "picture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw training samples that are pictures into this file, which ends in .png, .svg or "
    ".pdf, and below how the first epochs see them, if the file has an `augment`.",
)
@json_option
def command(file: NetFile, picture: Path | None, as_data: bool) -> None:
    """Show what FILE's network will see of its data.

    Each column of inputs has a line, with its numbers in the training samples or its categories,
    the most frequent first, how many cells are missing, and how many inputs it makes. Below are the
    classes, or the numbers to predict, in each part of the data, and how much samples count in the
    loss if that differs.

    \b
    Example:
        netlang data models/iris.net
    """
    program = file.program()
    found = program.description
    if found is None:
        help = 'add a setting such as `data = Table("iris.csv", target="species")`'
        raise click.ClickException(f"{visible_path(file.name)} names no data: {help}")
    if picture:
        _draw(program, picture)
        return
    with reported():
        seen = view(program)
    if as_data:
        print_json(_as_data(program, found, seen))
        return
    click.echo(_headline(program, seen))
    click.echo("\n" + _inputs(seen))
    if seen.counts:
        click.echo("\n" + _counts(found, seen))
    if seen.spreads or not seen.counts:
        click.echo("\n" + _numbers(seen.spreads))
    if seen.weights:
        click.echo("\n" + _weights(seen.weights))
    lines = [*_looked_at(seen), *gaps(found, seen.unseen)]
    if below := [visible(line) for line in lines]:
        click.echo("\n" + "\n".join(below))


def _draw(program: Program, file: Path) -> None:
    """Draw training samples.  Raises click.ClickException where they are no pictures."""
    if file.suffix.lower() not in FORMS:
        raise click.UsageError(f"--draw names a file that ends in one of {', '.join(FORMS)}.")
    with reported():
        seen = seen_pictures(program, _DRAWN, _EPOCHS)
    if seen is None:
        help = "pictures are [C, H, W] with one channel or three, or [H, W]"
        raise click.ClickException(f"the training samples are no pictures: {help}")
    epochs = len(seen) - 1
    behind = f"as they are, and in {counted(epochs, 'epoch')}" if epochs else "as they are"
    with writing(file):
        try:
            draw_samples(f"{program.source.name}: {behind}", seen, file)
        except Unusable as reason:
            raise click.ClickException(visible(f"{reason}: {reason.help}")) from None
    click.echo(f"wrote {visible_path(str(file))}")


def _as_data(program: Program, found: Description, seen: DataView) -> dict[str, object]:
    about = {"input": [None, *found.input.sizes], "task": found.task, "seed": program.seed}
    gaps = {"dropped": found.dropped, "without_target": found.without_target}
    return {**about, **seen.as_data(), **gaps, "filled": dict(found.filled)}


def _headline(program: Program, seen: DataView) -> str:
    folds = folds_of(program)
    fold = f", fold 1 of {folds}" if folds else ""
    return f"{visible(program.source.name)}: {sizes(seen.parts)}, seed {program.seed}{fold}"


def _looked_at(seen: DataView) -> Iterator[str]:
    """What is above is not of all samples that stay in their file."""
    for part, count in seen.looked_at.items():
        all_of_them = counted(seen.parts[part], f"{_part(part)} sample")
        yield f"rows stay in their file: this is of the first {count:,} of {all_of_them}"


def _inputs(seen: DataView) -> str:
    """A line for each column of inputs. What none of them has takes no room."""
    shown, more = seen.inputs[:_MOST_LINES], len(seen.inputs) - _MOST_LINES
    first = f"input of {counted(seen.parts['train'], 'training sample')}"
    rows = [(first, *_SPREAD, "missing", "inputs", "categories"), *map(_cells, shown)]
    kept = [cells for cells in zip(*rows, strict=True) if any(cells[1:])]
    right = [place for place, cells in enumerate(kept) if cells[0] not in (first, "categories")]
    return _table([*zip(*kept, strict=True)], right, more, "inputs")


def _cells(one: InputView) -> tuple[str, ...]:
    missing = f"{one.missing:,}" if one.missing else ""
    named = [f"{shortened(name)} {count:,}" for name, count in (one.categories or {}).items()]
    categories = visible(listed(named, SHOWN)) if named else ""
    return visible(one.name), *_of(one.spread), missing, f"{one.inputs:,}", categories


def _of(spread: Spread | None) -> tuple[str, ...]:
    if spread is None:
        return ("",) * len(_SPREAD)
    return tuple(map(number, (spread.mean, spread.deviation, spread.least, spread.most)))


def _counts(found: Description, seen: DataView) -> str:
    """A line for each class or label, with how many samples of each part have it."""
    what = "label" if found.labels else "class"
    target = f"{what} of {', '.join(found.target)}" if len(found.target) == 1 else what
    names, more = [*seen.counts][:_MOST_LINES], len(seen.counts) - _MOST_LINES
    rows = [(visible(name), *(f"{seen.counts[name][part]:,}" for part in seen.parts))
            for name in names]  # fmt: skip
    sizes = ("samples", *(f"{size:,}" for size in seen.parts.values()))
    head = visible(target), *map(_part, seen.parts)
    return _table([head, *rows, sizes], range(1, len(head)), more, f"{what}s")


def _numbers(spreads: Mapping[str, Mapping[str, Spread]]) -> str:
    """A line for each number to predict and part, in the data's own units."""
    return _table([("to predict", "part", *_SPREAD), *_lines(spreads)], range(2, 6), 0, "")


def _lines(spreads: Mapping[str, Mapping[str, Spread]]) -> Iterator[tuple[str, ...]]:
    for name, parts in spreads.items():
        for part, spread in parts.items():
            yield visible(name), _part(part), *_of(spread)


def _weights(weights: Mapping[str, Spread]) -> str:
    """A line for each part, with how much its samples count in the loss."""
    rows = [(_part(part), *_of(spread)) for part, spread in weights.items()]
    return _table([("weight of a sample", *_SPREAD), *rows], range(1, 5), 0, "")


def _part(part: str) -> str:
    return "training" if part == "train" else part


def _table(rows: Sequence[Sequence[str]], right: Sequence[int], more: int, of: str) -> str:
    head, *lines = aligned(rows, right)
    said = [f"and {more:,} more {of}, which --json has"] if more > 0 else []
    return "\n".join([click.style(head, bold=True), *lines, *said])
