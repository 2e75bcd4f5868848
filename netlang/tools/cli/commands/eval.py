"""``netlang eval`` says how good a trained network is on samples whose targets are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from netlang.catalogue.data import Samples
from netlang.catalogue.targets import NO_CLASS
from netlang.compiler.answers import NumberAnswers, answers_of
from netlang.engine.pieces import evaluation_samples
from netlang.language import run_record
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.shell import shell_word
from netlang.language.diagnostics.wording import counted, listed
from netlang.runs.folders.kept_run import PARTS
from netlang.runs.lines.display import verdicts
from netlang.runs.models.evaluation import Evaluation
from netlang.runs.models.evaluator import Evaluator
from netlang.runs.models.model_path import model_path
from netlang.runs.models.new_samples import NewTable
from netlang.runs.models.own_data import NoData, own_data, was_trained_on
from netlang.runs.models.predictions import regrouped
from netlang.runs.models.trained import TrainedModel
from netlang.runs.plots import FORMS, draw_confusion, draw_predicted
from netlang.runs.training.events import Outcome
from netlang.system.lazy import torch
from netlang.system.packages import Unusable
from netlang.system.terminal import visible
from netlang.tools.cli.named.models import answering_by, check_order, model_argument, trained_model
from netlang.tools.cli.named.new_samples import judged_samples, say_unseen
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.evaluations import lines_of
from netlang.tools.cli.output.json_answers import json_option, print_json
from netlang.tools.cli.output.printing import report_diagnostics, visible_path

if TYPE_CHECKING:
    from torch import Tensor


@click.command("eval")
@model_argument
@click.argument("table", metavar="[TABLE]", required=False, type=click.Path())
@click.option("--part", type=click.Choice(PARTS), help="Evaluate on this part of its own data.")
@click.option(
    "--plot",
    "picture",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the confusion matrix, or predicted against true numbers: .png, .svg or .pdf.",
)
@click.option(
    "--mistakes",
    "most",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="List so many of the worst mistakes.",
)
@click.option(
    "--backend",
    type=click.Choice(("auto", "tensor", "native"), case_sensitive=False),
    default="auto",
    show_default=True,
    help="Compute on tensors, or in compiled C: auto goes by the model's run.",
)
@json_option
def command(
    model: str,
    table: str | None,
    part: str | None,
    picture: Path | None,
    most: int,
    backend: str,
    as_data: bool,
) -> None:
    """Say how good a trained network is.

    MODEL is the folder of a run, or the model.safetensors in it. Without a TABLE, the network is
    evaluated on the test data of its run, which are read again if no byte of them has changed; the
    numbers are those of the run, and the file's `expect` is told. TABLE has other samples, as
    `predict` takes them, and a column for the target, too; rows that have none are left out.
    Targets of arrays are in the same NPZ file, and labels of MNIST's pictures in the file beside
    them. The exit status is 0 however good the network is.

    For classes, it prints all metrics, how many of each class are taken for which, the precision,
    recall and F1 of each, and the rows that are wrong with the highest probability. For numbers,
    it prints all metrics and the largest errors, in the units of the target.

    Its own data are evaluated by the backend that trained it, which gives the bits of its run, and
    a TABLE on tensors. --backend native compiles the network for either, which pays for many
    pictures or sequences, and --backend tensor evaluates on tensors what was trained in C.

    \b
    Example:
        netlang eval runs/iris-20261128-101530
        netlang eval runs/iris-20261128-101530 more.csv --plot confusion.png
    """
    if table is not None and part is not None:
        raise click.UsageError("--part is one of the model's own data, and TABLE is not")
    if picture and picture.suffix.lower() not in FORMS:
        raise click.UsageError(f"--plot names a file that ends in one of {', '.join(FORMS)}.")
    check_order(model, table)
    trained = _trained(model, backend, on_own=table is None)
    judged = _Judged(trained, most, keep_all=picture is not None)
    try:
        if table is not None:
            on = _judge_table(judged, table)
            _say_trained_on(judged, model, table)
        else:
            part = _judge_own(judged, model, part)
            on = f"{part} data of {trained.kept.name}"
    except NetError as error:
        report_diagnostics(error.diagnostics)
        raise click.exceptions.Exit(1) from None
    evaluation = judged.evaluation()
    if picture:
        judged.draw(picture, on)
    outcomes = _outcomes(trained, part, evaluation) if table is None else []
    if as_data:
        expectations = {"expectations": [one.as_data() for one in outcomes]}
        about = {"event": "evaluation", "on": on, "left_out": judged.left_out}
        about["backend"] = "native" if trained.is_in_c else "tensor"
        print_json(about | evaluation.as_data() | expectations)
        return
    in_c = ", in C" if trained.is_in_c else ""
    click.echo(visible(f"{on}: {counted(evaluation.samples, 'sample')}{in_c}"))
    for line in lines_of(evaluation, "row" if table or judged.row_of else "sample"):
        click.echo(line)
    if outcomes:
        click.echo("\n".join(["", *verdicts(outcomes)]))
    if picture:
        click.echo(f"wrote {visible_path(str(picture))}")


class _Judged:
    """The evaluation of ``model`` so far; with ``keep_all``, numbers are kept for a picture."""

    def __init__(self, model: TrainedModel, most: int, keep_all: bool) -> None:
        self.model = model
        self.answers = answers_of(model.program, model.kept.pipeline)
        self._evaluator = Evaluator(model.program, self.answers, most)
        self._keep_all = keep_all and isinstance(self.answers, NumberAnswers)
        self._kept: list[tuple[Tensor, Tensor]] = []
        self.left_out = 0  # rows that are not judged
        self.has_targets = False  # which places may lack in all samples
        # The row of a sample in the table that it is from, if that is another; both from 1.
        self.row_of: Callable[[int], int] | None = None

    def add(self, samples: Samples) -> None:
        outputs = self.model.outputs(samples.inputs)
        self._evaluator.add(outputs, samples.targets, samples.weights)
        are_numbers = samples.targets.is_floating_point()
        self.has_targets |= are_numbers or bool((samples.targets != NO_CLASS).any())
        if self._keep_all:
            self._kept.append((outputs, samples.targets))

    def evaluation(self) -> Evaluation:
        found = self._evaluator.evaluation()
        if self.row_of is None:
            return found
        outputs = {name: _renumbered(one, self.row_of) for name, one in found.outputs.items()}
        return _renumbered(found, self.row_of).replace(outputs=outputs)

    def draw(self, file: Path, title: str) -> None:
        """Draw the picture that fits.  Raises click.ClickException."""
        description = self.model.program.description
        assert description
        with writing(file):
            try:
                match self.answers:
                    case NumberAnswers() as answers:
                        y, t = (torch.cat(parts) for parts in zip(*self._kept, strict=True))
                        both = answers.numbers(y).flatten(1), answers.to_values(t).flatten(1)
                        draw_predicted(title, answers.targets, *both, file)
                    case _ if description.classes:
                        counts = torch.tensor(self.evaluation().confusion)
                        draw_confusion(title, description.classes, counts, file)
                    case _:
                        several = "outputs" if self.model.program.outputs else "labels"
                        raise click.ClickException(f"there is no picture of several {several}")
            except Unusable as reason:
                raise click.ClickException(visible(f"{reason}: {reason.help}")) from None


def _renumbered(found: Evaluation, row_of: Callable[[int], int]) -> Evaluation:
    """The evaluation, whose mistakes are in the rows that ``row_of`` gives for their samples."""
    mistakes = tuple(one.replace(row=row_of(one.row)) for one in found.mistakes)
    return found.replace(mistakes=mistakes)


def _trained(model: str, backend: str, on_own: bool) -> TrainedModel:
    """The model, by the ``backend`` that is asked for; on its own data by that of its run."""
    if on_own and backend != "tensor" and _backend_of_run(model) == "native":
        trained = trained_model(model, "native")
        if backend == "native" and (note := trained.engine.note):
            click.echo(visible(f"note: {note}"), err=True)
        return trained
    return answering_by(backend, trained_model(model), for_many=True)


def _backend_of_run(model: str) -> str:
    """The backend that trained the model, so that its outputs are those of its run to the bit."""
    try:
        record = run_record.record_in(model_path(model).parent)
    except NetError:  # which is reported as the model is read
        return "tensor"
    return "native" if record.get("backend") == "native" else "tensor"


def _judge_table(judged: _Judged, named: str) -> str:
    """Evaluate new samples.  Raises NetError and click.ClickException."""
    size = evaluation_samples(judged.model.program.graph)
    samples = judged_samples(named, judged.model)
    for targets, inputs in regrouped(samples.samples(), size, torch.cat):
        judged.add(Samples(inputs, targets))
    say_unseen(samples, "left out")
    if not samples.count:
        raise click.ClickException(f"{visible_path(samples.named)} has no rows")
    if not judged.has_targets and not isinstance(samples, NewTable):
        has = f"{visible_path(samples.named)} has no place that has a class"
        raise click.ClickException(f"{has}: `netlang predict` needs no targets")
    if isinstance(samples, NewTable) and samples.left_out:
        if len(samples.left_out) == samples.count:
            has = f"{visible_path(samples.named)} has no row to evaluate on"
            why = "each lacks cells, as no training row did"
            if samples.without_target:
                why = "`netlang predict` needs no targets"
            raise click.ClickException(f"{has}: {why}")
        judged.row_of, judged.left_out = samples.row_of, len(samples.left_out)
    return samples.named


def _say_trained_on(judged: _Judged, model: str, table: str) -> None:
    """Say on standard error that the network was trained on samples of the table, if it was."""
    if not was_trained_on(model, table):
        return
    found = judged.model.program.description
    assert found
    sample = "row" if found.columns else "sample"
    were = "was" if found.train == 1 else "were"
    what = f"{found.train:,} of these {sample}s {were} trained on"
    if found.judged != "train":
        others = getattr(found, found.judged)
        what += f"; `netlang eval {shell_word(model)}` judges by {others:,} that were not"
    click.echo(visible(f"note: {what}"), err=True)


def _judge_own(judged: _Judged, model: str, part: str | None) -> str:
    """Evaluate a part of the data that the model was trained on: the test, or if there is none,
    what comes nearest to it. Returns which.

    Raises NetError and click.ClickException.
    """
    description = judged.model.program.description
    assert description
    part = part or description.judged
    if part not in description.parts:
        parts = listed(description.parts)
        raise click.ClickException(f"the model's own data have no {part} part, but {parts}")
    try:
        split = own_data(model, judged.model)
    except NoData as reason:
        raise click.ClickException(f"{reason}, or name a TABLE to evaluate on") from None
    samples: Samples = getattr(split, part)
    for piece in samples.pieces():
        judged.add(piece)
    if part in split.rows:
        rows = split.rows[part].tolist()
        judged.row_of = lambda sample: int(rows[sample - 1])
    return part


def _outcomes(trained: TrainedModel, part: str | None, evaluation: Evaluation) -> list[Outcome]:
    """What came of the file's expectations about the ``part``, but for that which is trained on:
    a run measures it while weights change.
    """
    found = []
    for expectation in trained.program.expectations:
        of, _, name = expectation.metric.partition(".")
        if of == part != "train" and name in evaluation.metrics:
            found.append(Outcome(expectation, evaluation.metrics[name]))
    return found
