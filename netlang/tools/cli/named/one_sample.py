"""A command line gives one sample, as `--values 5.1,3.5` or `--values x=5.1,y=3.5`."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence

import click

from netlang.catalogue.data.arrays.in_parts import Part as ArrayPart
from netlang.catalogue.data.pipeline import (
    AnyPipeline,
    ArrayPipeline,
    Categories,
    Numbers,
    Pipeline,
    TextPipeline,
    Texts,
)
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import counted, in_code, listed
from netlang.runs.models.new_samples import NewArray, NewRows, NewTable
from netlang.system.terminal import visible

_NAMED = 12  # columns that are named
_FAR = 10  # deviations from the mean
_OTHER_SIGNS = {";": "semicolons", "\t": "tabs"}


def one_sample(values: str, pipeline: AnyPipeline | None) -> NewRows:
    """The sample of these ``values``, as a model with the ``pipeline`` takes it.

    Raises click.UsageError.
    """
    match pipeline:
        case Pipeline():
            return NewTable(pipeline, "--values", [(1, _row(values, pipeline))])
        case ArrayPipeline(shape=[size]):
            return NewArray(pipeline, "--values", [_array(values, size)])
        case TextPipeline():
            raise click.UsageError("a network of texts goes on with one: --prompt 'Shall I'")
    raise click.UsageError("--values is for samples that are a row of values; name a file")


def say_far(sample: Mapping[str, object], pipeline: AnyPipeline | None) -> None:
    """Say on standard error which numbers of the sample are far from all that training has seen,
    where it has learned their mean and deviation.
    """
    if not isinstance(pipeline, Pipeline):
        return
    for one in pipeline.encoders:
        # The scale is 1 where no deviation was learned.
        if not isinstance(one, Numbers) or one.scale == 1:
            continue
        value = sample[one.name]
        if isinstance(value, int | float) and abs(value - one.shift) > _FAR * one.scale:
            rows = f"those of the training rows are {one.shift:.4g} ± {one.scale:.4g}"
            click.echo(visible(f"note: `{one.name}` is {value:.6g}, and {rows}"), err=True)


def _row(values: str, pipeline: Pipeline) -> Mapping[str, list[str]]:
    """The columns of the sample.  Raises click.UsageError."""
    names = pipeline.columns
    if len(names) == 1 and isinstance(pipeline.encoders[0], Texts):  # commas are a part of it
        return {names[0]: [values.removeprefix(f"{names[0]}=")]}
    cells = _cells(values)
    takes = f"the model takes {listed(in_code(names), _NAMED)}"
    pairs = [cell.partition("=") for cell in cells]
    by_name: dict[str, str] = {}
    for name, sign, value in pairs:
        if sign and name.strip() in by_name:
            raise click.UsageError(f"--values names `{name.strip()}` twice")
        if sign:
            by_name[name.strip()] = value
    if by_name and len(by_name) == len(cells):
        if unknown := [name for name in by_name if name not in names]:
            near = nearest(unknown[0], names)
            meant = f"did you mean `{near}`?" if near else takes
            raise click.UsageError(f"--values names `{unknown[0]}`, which is no input: {meant}")
        if missing := [name for name in names if name not in by_name]:
            raise _lacking(missing, pipeline)
        return {name: [by_name[name]] for name in names}
    if any(name in names for name in by_name):
        raise click.UsageError("--values takes a name for each value, or for none")
    if len(cells) != len(names):
        order = f": {takes}, in this order" if len(names) > 1 else f": {takes}"
        raise _of_another_count(values, cells, order)
    return {name: [cell] for name, cell in zip(names, cells, strict=True)}


def _array(values: str, size: int) -> ArrayPart:
    """Raises click.UsageError."""
    cells = _cells(values)
    if len(cells) != size:
        raise _of_another_count(values, cells, f", and the model takes {size}")
    try:
        numbers = [float(cell) for cell in cells]
    except ValueError:
        raise click.UsageError("--values takes numbers for this model") from None
    return ArrayPart("sample", [1], [numbers])


def _cells(values: str) -> list[str]:
    """The values, of which one with commas stands in quotes."""
    return next(csv.reader([values], skipinitialspace=True), [])


def _lacking(missing: Sequence[str], pipeline: Pipeline) -> click.UsageError:
    """What to say of columns without a value; training may have learned what fills in for one."""
    known = [one for one in pipeline.encoders if isinstance(one, Numbers | Categories)]
    filled = [one.name for one in known if one.name in missing and one.may_lack]
    help = f"the model takes {listed(in_code(pipeline.columns), _NAMED)}"
    if len(filled) == len(missing):
        help = f"`{missing[0]}=` says that it is not known"
    return click.UsageError(f"--values lacks {listed(in_code(missing), _NAMED)}: {help}")


def _of_another_count(values: str, cells: Sequence[str], takes: str) -> click.UsageError:
    """What to say of more or fewer values than the model takes, or of what is no list of them."""
    found = f"--values has {counted(len(cells), 'value')}{takes}"
    if len(cells) == 1 and os.path.isfile(values):
        return click.UsageError(f"`{values}` is a file: name it without --values")
    signs = _OTHER_SIGNS if "," in values else _OTHER_SIGNS | {" ": "blanks"}
    other = next((name for sign, name in signs.items() if sign in values.strip()), "")
    if other:
        found += f"; commas stand between values, not {other}, and a decimal has a point"
    return click.UsageError(found)
