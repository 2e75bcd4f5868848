"""What a step does beside the optimizer: rates, penalties, clipping, an average."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.compiler.ir import Program
from netlang.lowering.python.text import operand, statement
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.model import Model
from netlang.lowering.pytorch.program.penalty import penalty
from netlang.lowering.pytorch.program.rates import make_plateau, make_schedule
from netlang.system.record import Record


class Steps(Record):
    """The parts of a program that make its steps.

    ``takes`` are the names that ``train_epoch`` takes behind the optimizer, and ``made`` the lines
    that make them in ``main``. ``evaluated`` is what is evaluated, and ``kept`` the model whose
    weights are the result. ``after`` are the lines that follow what an epoch has measured.
    """

    definitions: Sequence[TorchDefinition] = ()
    takes: Sequence[str] = ()
    made: Sequence[str] = ()
    penalty: str = ""  # the call that gives it
    clip: Sequence[str] = ()  # the lines before the optimizer's step
    step: Sequence[str] = ()  # the lines behind it
    evaluated: str = "model"
    kept: str = "model"
    after: Sequence[str] = ()


def steps_of(program: Program, model: Model) -> Steps:
    """What the program's steps do beside its optimizer."""
    definitions = list[TorchDefinition]()
    takes, made, step, after = (list[str]() for _ in range(4))
    plateau = program.rates.plateau if program.rates else None
    is_behind = plateau is not None and len(program.schedules) > 1
    if plateau:  # it reads the rates before a schedule changes them
        metric = plateau.metric
        definitions.append(make_plateau(plateau, program.rises(metric)))
        made.append("plateau = make_plateau(optimizer)")
        look = f'plateau.step(measured["{metric.part}"]["{metric.metric}"])'
        after += ["if schedule.is_over():", f"    {look}"] if is_behind else [look]
    if is_behind or (program.schedules and not plateau):
        of_epoch = f"math.ceil(len(x) / {operand(samples_of_step(program))})"
        definitions.append(make_schedule(program.schedules))
        takes.append("schedule")
        made.append(f"schedule = make_schedule(optimizer, {of_epoch})")
        step.append("schedule.step()")
    if program.average:
        text = statement(4, "return ", lowers.lowered(program.average))
        imported = ("from torch.optim import swa_utils",)
        definitions.append(TorchDefinition(f"def make_average(model):\n{text}\n", imported))
        takes.append("average")
        made.append("average = make_average(model)")
        step.append("average.update_parameters(model)")
    if program.penalties:
        definitions.append(penalty(program.penalties, model))
    return Steps(
        definitions=definitions,
        takes=takes,
        made=made,
        penalty="penalty(model)" if program.penalties else "",
        clip=[lowers.lowered(program.clipping)] if program.clipping else [],
        step=step,
        evaluated="average" if program.average else "model",
        kept="average.module" if program.average else "model",
        after=after,
    )


def samples_of_step(program: Program) -> str:
    """How many samples a step has."""
    return "BATCH * ACCUMULATE" if "accumulate" in program.settings else "BATCH"
