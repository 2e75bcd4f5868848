"""``netlang predict`` asks a trained network about new samples."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO

import click

from netlang.catalogue.data import TextPipeline
from netlang.compiler.answers import (
    Answers,
    ClassAnswers,
    NumberAnswers,
    SeveralAnswers,
    answers_of,
)
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.models import NAMED, TableUnfit
from netlang.language.diagnostics.shell import shell_word
from netlang.language.diagnostics.wording import counted, in_code, listed
from netlang.runs.lines.display import number, number_of_32_bits
from netlang.runs.models.array_file import (
    ARRAY_ENDINGS,
    arrays_of,
    is_array_file,
    write_arrays,
)
from netlang.runs.models.new_samples import NewRows, NewTable
from netlang.runs.models.predictions import Predictions
from netlang.runs.models.table_file import ENDINGS, has_form, texts_of, write_table
from netlang.runs.models.trained import TrainedModel
from netlang.system.terminal import aligned, visible
from netlang.tools.cli.named.continuation import (
    Continuation,
    continuation_options,
    print_continuation,
)
from netlang.tools.cli.named.models import (
    answering_by,
    check_order,
    model_argument,
    trained_model,
)
from netlang.tools.cli.named.new_samples import new_rows, say_unseen
from netlang.tools.cli.named.one_sample import one_sample, say_far
from netlang.tools.cli.named.written_files import output_option, writing
from netlang.tools.cli.output.json_answers import json_option, print_json
from netlang.tools.cli.output.printing import report_diagnostics, visible_path

_STANDARD_OUTPUT = ("/dev/stdout", "/dev/fd/1")  # as a shell names it

BY_COMMAS = "The values of a sample are one word, with commas between: --values 5.1,3.5,..."


@click.command("predict")
@model_argument
@click.argument("table", metavar="[TABLE]", required=False, type=click.Path())
@output_option
@click.option("--values", metavar="V,V,...", help="Ask about one sample, and not about a table.")
@continuation_options
@click.option(
    "--backend",
    type=click.Choice(("tensor", "native"), case_sensitive=False),
    default="tensor",
    show_default=True,
    help="Compute on tensors, or in compiled C.",
)
@json_option
def command(
    model: str,
    table: str | None,
    output: str,
    values: str | None,
    continuation: Continuation | None,
    backend: str,
    as_data: bool,
) -> None:
    """Ask a trained network about new samples.

    MODEL is the folder of a run, or the model.safetensors in it. TABLE has a row for each sample,
    and a line of names above them: the model finds its columns by their names, in any order. All
    columns are kept, and those that answer come behind them: `prediction`, and for classes the
    probability of each, such as `p(setosa)`. Numbers are in the units of the target.

    TABLE is CSV, TSV, NDJSON, Parquet or Arrow by its ending, also with .gz; `-` reads CSV from
    standard input. Cells of a CSV stand between commas, semicolons, tabs or bars, as its first line
    shows. Where training left out rows that lack cells, such rows have empty answers. A model of
    arrays takes an NPY, NPZ or IDX file in its place, or MNIST's folder, and one of pictures a
    picture or a folder of them.

    -o writes a file, by its ending .csv, .tsv, .ndjson, .parquet or .arrow; the file appears when
    all rows are done. Without it, the table is printed as CSV, or with --json a line for each row.
    A CSV keeps the semicolons or bars of TABLE. Tables may be longer than memory.

    A file that ends in .npy is an array of the answers, as for a class or a number at each place of
    a picture or a sequence: numbers of classes, or numbers in the units of the target. One that
    ends in .npz has it as `prediction`, and `p`, the probability of each class there.

    --values takes one sample: a value for each column in the order of the model, or name=value.

    --prompt begins a text, and a network that was trained on one goes on with it, symbol by symbol,
    for as many as --generate says. Each is drawn by its probability, and more boldly at a higher
    --temperature; at 0 it is always the most probable one. --top-k and --top-p leave improbable
    symbols out.

    --backend native compiles the network once, for a second or so, and is then several times as
    fast: that pays for tables of many pictures or sequences, and for long texts.

    \b
    Example:
        netlang predict runs/iris-20261128-101530 new.csv -o answers.csv
        netlang predict runs/iris-20261128-101530 --values 5.1,3.5,1.4,0.2
        netlang predict runs/chars-20261128-101530 --prompt "Shall I" --generate 200
    """
    if continuation is not None:
        if table is not None or values is not None or output != "-":
            raise click.UsageError(
                "a text is by itself: --prompt and --generate take no TABLE, no --values and no -o"
            )
        trained = answering_by(backend, trained_model(model))
        print_continuation(trained, continuation, as_data)
        return
    _check_asked(table, values, output)
    output = "-" if output in _STANDARD_OUTPUT else output
    _check_output(output, table)
    check_order(model, table)
    trained = trained_model(model)
    _check_answers_fit(trained, values, output)
    trained = answering_by(backend, trained, for_many=values is None)
    answers = answers_of(trained.program, trained.kept.pipeline)
    if values is not None:
        _answer_one(trained, answers, values, as_data)
        return
    assert table is not None
    try:
        if is_array_file(output) and not _is_stream(output):
            _answer_in_arrays(trained, answers, new_rows(table, trained), output, as_data)
        else:
            _answer_all(Predictions(trained, answers, new_rows(table, trained)), output, as_data)
    except NetError as error:
        report_diagnostics(error.diagnostics)
        raise click.exceptions.Exit(1) from None


def _check_asked(table: str | None, values: str | None, output: str) -> None:
    """Raise click.UsageError unless a table or one sample is named, which the output is for."""
    if table is not None and values is not None:
        both = "name a TABLE, or give one sample by --values: either, not both"
        told = both if os.path.lexists(table) else f"{both}. {BY_COMMAS}"
        raise click.UsageError(told)
    if table is None and values is None:
        raise click.UsageError(
            "name a TABLE, or give one sample by --values 5.1,3.5,..., or begin a text by --prompt"
        )
    if table and "," in table and not os.path.lexists(table):
        raise click.UsageError(f"there is no table `{table}`: is it --values {shell_word(table)}?")
    if values is not None and output != "-":
        raise click.UsageError("--values prints its answer, and -o is for that of a table")


def _check_answers_fit(trained: TrainedModel, values: str | None, output: str) -> None:
    """Raise an error where neither a table nor a line can hold what the model answers."""
    if isinstance(trained.kept.pipeline, TextPipeline):
        raise click.UsageError(
            "a network of texts goes on with one: --prompt 'Shall I'; `netlang eval` judges a file"
        )
    description = trained.program.description
    is_placed = description and description.classes and description.target_shape
    if description and is_placed and (values is not None or not is_array_file(output)):
        places = " x ".join(map(str, description.target_shape))
        problem = f"this model tells a class at each of {places} places, which no table can hold"
        raise click.ClickException(f"{problem}: name a file for arrays, as by `-o answers.npy`")


def _check_output(output: str, table: str | None) -> None:
    """Raises click.UsageError for a file that cannot be written, or should not be."""
    if _is_stream(output):
        return
    if not has_form(output) and not is_array_file(output):
        endings = listed(in_code((*ENDINGS, *ARRAY_ENDINGS)), last_by="or")
        raise click.UsageError(f"-o names {visible_path(output)}: its name has to end in {endings}")
    if table and os.path.realpath(output) == os.path.realpath(table):
        raise click.UsageError(f"-o names {visible_path(output)} itself, which would be lost")


def _is_stream(output: str) -> bool:
    """Whether rows are written as they are answered: to a terminal, a pipe or a device."""
    return output == "-" or (os.path.exists(output) and not os.path.isfile(output))


def _answer_all(predictions: Predictions, output: str, as_data: bool) -> None:
    """Write the table with its answers, and say what is to be known of them."""
    separator = predictions.samples.separator
    if separator == "\t":  # which the ending .tsv asks for
        separator = ","
    is_stream = _is_stream(output)
    if is_stream:
        form = "ndjson" if as_data else "csv"
        with writing(output), _opened(output) as stream:
            for text in texts_of(form, predictions.pieces(typed=as_data), separator):
                stream.write(text)
                stream.flush()
    else:
        typed = not output.lower().removesuffix(".gz").endswith((".csv", ".tsv"))
        with writing(output):
            write_table(Path(output), predictions.pieces(typed), separator)
    _say(predictions)
    if output != "-":
        how = as_data and not is_stream, is_stream
        _say_done(predictions.model, predictions.samples, output, *how)


def _answer_in_arrays(
    trained: TrainedModel, answers: Answers, samples: NewRows, output: str, as_data: bool
) -> None:
    """Write the answers alone, as arrays."""
    if not isinstance(answers, ClassAnswers | NumberAnswers):
        what = "an array holds a class or numbers for each sample, and this model tells more"
        raise click.ClickException(f"{what}: name a table, as by `-o answers.csv`")
    found = arrays_of(trained, answers, samples)
    with writing(output):
        write_arrays(Path(output), found)
    if answers.note and output.lower().endswith(".npz"):
        click.echo(f"note: {visible(answers.note)}", err=True)
    say_unseen(samples, "given no answer")
    _say_done(trained, samples, output, as_data, on_error=False)


def _say_done(
    trained: TrainedModel, samples: NewRows, output: str, as_data: bool, on_error: bool
) -> None:
    """Say how many rows were written; ``on_error`` where ``output`` may be what prints this."""
    if as_data:
        about: dict[str, object] = {"lacking": 0, "unseen": {}, "filled": {}}
        if isinstance(samples, NewTable):
            unseen = {name: dict(counts) for name, counts in samples.unseen.items()}
            filled = dict(samples.filled)
            about = {"lacking": samples.lacking, "unseen": unseen, "filled": filled}
        about["backend"] = "native" if trained.compiled else "tensor"
        print_json({"event": "predicted", "rows": samples.count, "file": output} | about)
    else:
        told = f"{counted(samples.count, 'row')} in {visible_path(output)}"
        click.echo(f"{told}, answered in C" if trained.compiled else told, err=on_error)


def _opened(output: str) -> AbstractContextManager[IO[bytes]]:
    if output == "-":
        return nullcontext(sys.stdout.buffer)
    return open(output, "wb")


def _say(predictions: Predictions) -> None:
    """Say on standard error what a reader of the answers would not expect."""
    if note := predictions.answers.note:
        click.echo(f"note: {visible(note)}", err=True)
    for name, instead in predictions.renamed.items():
        has = f"the table has a column `{name}`: that of the model is called `{instead}`"
        click.echo(visible(f"note: {has}"), err=True)
    say_unseen(predictions.samples, "given no answer")
    if bad := predictions.no_numbers:
        rows = counted(bad, "row")
        what = f"of {rows} the network's outputs are infinite or no numbers: inputs are too large"
        click.echo(f"note: {what}", err=True)


def _answer_one(trained: TrainedModel, answers: Answers, values: str, as_data: bool) -> None:
    """Print what the network says of one sample."""
    sample = one_sample(values, trained.kept.pipeline)
    predictions = Predictions(trained, answers, sample)
    try:
        (frame,) = predictions.pieces(typed=True)
    except NetError as error:
        (problem,) = error.diagnostics
        bad = f"--values: {problem.title.removeprefix('row 1, ')}"
        if isinstance(problem, TableUnfit) and len(problem.counts) > 1:
            others = in_code(name for name, _ in problem.counts if name != problem.column)
            bad += f"; nor can the values of {listed(others, NAMED)} be used"
        raise click.UsageError(bad) from None
    found = json.loads(frame.select(frame.columns[-len(answers.names) :]).write_ndjson())
    _say(predictions)
    say_far(frame.row(0, named=True), trained.kept.pipeline)
    if as_data:
        print_json(found)
        return
    if isinstance(answers, ClassAnswers):
        click.echo(visible(found.pop("prediction") or "no class"))
    in_units = {*_in_units(answers)}
    for line in aligned(
        (visible(name), _shown(value, name in in_units)) for name, value in found.items()
    ):
        click.echo(line)


def _in_units(answers: Answers) -> Iterator[str]:
    """The names of the answers that are numbers in units of their own."""
    match answers:
        case NumberAnswers():
            yield from answers.names
        case SeveralAnswers():
            for _, one in answers.outputs:
                yield from _in_units(one)


def _shown(value: float | str | None, is_prediction: bool) -> str:
    """A number, or a label, which is 0 or 1; JSON has none for what is infinite or no number.

    A prediction in units of its own has all digits that its 32-bit float has.
    """
    if value is None:
        return "no number"
    if isinstance(value, int | str):
        return visible(str(value))
    return number_of_32_bits(value) if is_prediction else number(value)
