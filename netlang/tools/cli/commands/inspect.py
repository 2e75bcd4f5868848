"""``netlang inspect`` shows the numbers in a trained network."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from netlang.catalogue.data import Samples
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.wording import listed
from netlang.runs.lines.display import number
from netlang.runs.models.inspection import (
    Distribution,
    NodeInspection,
    distribution,
    inspect_nodes,
    remarks,
)
from netlang.runs.models.own_data import NoData, own_data
from netlang.runs.models.trained import TrainedModel
from netlang.runs.plots.pictures import Picture, pictures_of_weights
from netlang.system.packages import Unusable
from netlang.system.record import Record
from netlang.system.terminal import aligned, visible
from netlang.tools.cli.named.models import model_argument, trained_model
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.json_answers import json_option, print_json
from netlang.tools.cli.output.printing import report_diagnostics, visible_path

WELL = "no layer is dead, and no gradient vanishes or explodes"
_SAMPLES = 512
_BARS = "▁▂▃▄▅▆▇█"
_ASCII_BARS = ".:-=+*#@"  # where the terminal's letters have no bars
_COLUMNS = ("mean", "deviation", "min", "max", "zeros", "histogram")


class _Samples(click.IntRange):
    """How many samples; a MODEL that stands behind --batch is taken for their number."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if not str(value).lstrip("+-").isdecimal():
            self.fail(f"{value!r} is no number of samples. MODEL comes before --batch.", param, ctx)
        return int(super().convert(value, param, ctx))


@click.command("inspect")
@model_argument
@click.option(
    "--batch",
    "samples",
    metavar="[N]",
    type=_Samples(min=1),
    is_flag=False,
    flag_value=_SAMPLES,
    help=f"Show activations and gradients, too, on N training samples ({_SAMPLES} if not said).",
)
@click.option(
    "--out",
    "folder",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Draw into FOLDER the filters of the first convolution, and embeddings as points.",
)
@json_option
def command(model: str, samples: int | None, folder: Path | None, as_data: bool) -> None:
    """Show the numbers in a trained network.

    MODEL is a run's folder or a model file. Each of its tensors has a line: mean, deviation,
    extremes, the share of zeros, and a histogram between the extremes. With --batch, so has what
    each layer puts out, and the gradient of the loss there, dropout off. What is wrong is said
    below: units that are always 0, gradients that vanish or explode. With --out, filters become
    pictures, and the tokens of embeddings points in the plane in which they differ most.

    \b
    Example:
        netlang inspect runs/model2-20261124-091240 --batch
        netlang inspect runs/lenet-20261124-091240 --out pictures
    """
    found = trained_model(model)
    named = found.network.named_tensors()
    tensors = {name: distribution(one) for name, one in named.items()}
    batch = _batch(model, found, samples) if samples else _Batch(0, ())
    said = remarks(tensors, batch.nodes, batch.samples)
    pictures = pictures_of_weights(found.program, found.network)
    drawn = _draw(pictures, folder) if folder else []
    if as_data:
        print_json(_as_data(tensors, batch, said) | {"pictures": drawn})
        return
    shaped = {name: f"{visible(name)} {[*one.shape]}" for name, one in named.items()}
    click.echo(_table("tensor", {shaped[name]: one for name, one in tensors.items()}))
    if batch.samples:
        of = f"of {batch.samples:,} training samples"
        outputs = {visible(one.node.name): one.outputs for one in batch.nodes}
        click.echo("\n" + _table(f"output {of}", outputs))
        gradients = {visible(one.node.name): one.gradient for one in batch.nodes if one.gradient}
        click.echo("\n" + _table(f"gradient at output {of}", gradients))
    if said:
        click.echo("\n" + "\n".join(said))
    elif batch.samples:
        click.echo(f"\n{WELL}")
    if drawn:
        click.echo(f"\nwrote {listed(map(visible_path, drawn))}")
    elif pictures:
        names = listed(visible(name.removesuffix(".png")) for name in pictures)
        click.echo(f"\n--out FOLDER draws pictures of {names}")


def _draw(pictures: Mapping[str, Picture], folder: Path) -> list[str]:
    """Draw them into ``folder``, which is made where it is missing, and return the files' paths.

    Raises click.ClickException where there is nothing to draw, or it cannot be drawn or written.
    """
    if not pictures:
        has = "the network has no filters of a picture, and no embedding, to draw"
        raise click.ClickException(f"{has}: without --out, its numbers are shown")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, picture in pictures.items():
            try:
                picture(folder / name)
            except Unusable as reason:
                raise click.ClickException(visible(f"{reason}: {reason.help}")) from None
    return [str(folder / name) for name in pictures]


class _Batch(Record):
    """How many samples went through the network, and what went through each node."""

    samples: int
    nodes: Sequence[NodeInspection]


def _batch(named: str, model: TrainedModel, samples: int) -> _Batch:
    """The first ``samples`` training samples, or all if there are fewer.

    Raises click.ClickException where there are none, or ends with status 1 where the data that a
    run names are not as they were.
    """
    try:
        train = own_data(named, model).train.some()
    except NoData as reason:
        raise click.ClickException(f"{visible_path(named)} has no batch: {reason}") from None
    except NetError as error:
        report_diagnostics(error.diagnostics)
        raise click.exceptions.Exit(1) from None
    weights = None if train.weights is None else train.weights[:samples]
    batch = Samples(train.inputs[:samples], train.targets[:samples], weights)
    return _Batch(len(batch), inspect_nodes(model.network, model.engine.loss, batch))


def _table(title: str, rows: Mapping[str, Distribution]) -> str:
    cells = [(name, *_cells(one)) for name, one in rows.items()]
    head, *lines = aligned([(title, *_COLUMNS), *cells], right=range(1, len(_COLUMNS)))
    return "\n".join([click.style(head, bold=True), *lines])


def _cells(one: Distribution) -> tuple[str, ...]:
    numbers = (number(value) for value in (one.mean, one.deviation, one.low, one.high))
    return *numbers, f"{100 * one.zeros:.3g} %", bars(one.histogram, sys.stdout.encoding)


def bars(histogram: Sequence[int], encoding: str) -> str:
    """A histogram in one line: the higher a bar, the more numbers; a blank where there are none.

    >>> bars([0, 1, 4, 8], "ascii")
    ' .=@'
    """
    try:
        _BARS.encode(encoding)
        known = _BARS
    except UnicodeEncodeError:
        known = _ASCII_BARS
    most = max(histogram, default=0)
    heights = (-(-count * len(known) // most) if count else 0 for count in histogram)
    return "".join(known[height - 1] if height else " " for height in heights)


def _as_data(
    tensors: Mapping[str, Distribution], batch: _Batch, said: Sequence[str]
) -> dict[str, object]:
    nodes = [
        {
            "id": one.node.name,
            "units": one.units,
            "silent": one.silent,
            "outputs": one.outputs.as_data(),
            "gradient": one.gradient.as_data() if one.gradient else None,
        }
        for one in batch.nodes
    ]
    return {
        "tensors": {name: one.as_data() for name, one in tensors.items()},
        "samples": batch.samples,
        "nodes": nodes,
        "remarks": [*said],
    }
