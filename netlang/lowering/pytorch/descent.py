"""What a step does beside the optimizer, in PyTorch: rates, penalties, clipping, an average."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from netlang.catalogue.averages import EMA
from netlang.catalogue.clipping import Norm, Value
from netlang.catalogue.penalties import L1, L2, Penalty
from netlang.catalogue.schedules import Plateau, Schedule
from netlang.compiler.ir import Program
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchLoss, TorchSchedule
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.model import Model
from netlang.lowering.pytorch.python import literal, statement, whole
from netlang.system.record import Record


@lowers(L1)
def absolute(penalty: L1) -> str:
    return f"{penalty.strength} * sum(weights[name].abs().sum() for name in {{names}})"


@lowers(L2)
def squares(penalty: L2) -> str:
    return f"{penalty.strength} * sum(weights[name].square().sum() for name in {{names}})"


@lowers(Norm)
def norm(clipping: Norm) -> str:
    p = "" if clipping.norm_type == 2 else f", {clipping.norm_type}"
    return f"nn.utils.clip_grad_norm_(model.parameters(), {clipping.max_norm}{p})"


@lowers(Value)
def value(clipping: Value) -> str:
    return f"nn.utils.clip_grad_value_(model.parameters(), {clipping.clip_value})"


@lowers(EMA)
def ema(average: EMA) -> str:
    rule = f"swa_utils.get_ema_multi_avg_fn({average.decay})"
    return f"swa_utils.AveragedModel(model, multi_avg_fn={rule}, use_buffers=True)"


class TorchDescent(Record):
    """The parts of a program that make its steps.

    ``takes`` are the names that ``train_epoch`` takes behind the optimizer, and ``made`` the lines
    that make them in ``main``. ``evaluated`` is what is evaluated, and ``kept`` the model whose
    weights are the result. ``after`` are the lines that follow what an epoch has measured.
    """

    definitions: tuple[TorchDefinition, ...] = ()
    takes: tuple[str, ...] = ()
    made: str = ""
    penalty: str = ""  # the call that gives it
    clip: str = ""  # a line, as are the next two
    step: str = ""
    evaluated: str = "model"
    kept: str = "model"
    after: str = ""


def descent(program: Program, model: Model) -> TorchDescent:
    """What the program's steps do beside its optimizer.  Raises Unsupported."""
    definitions, takes, made, step, after = [], [], "", "", ""
    plateaus = [one for one in program.schedules if isinstance(one, Plateau)]
    if plateaus and len(program.schedules) > 1:
        raise Unsupported("a Plateau behind other schedules has no counterpart in PyTorch yet")
    if plateaus:
        text = statement(4, "return ", _plateau(plateaus[0], program))
        definitions.append(TorchDefinition(f"def make_plateau(optimizer):\n{text}\n"))
        made += "    plateau = make_plateau(optimizer)\n"
        metric = plateaus[0].metric
        after = f'        plateau.step(measured["{metric.part}"]["{metric.metric}"])\n'
    elif program.schedules:
        definitions.append(_schedule(program.schedules))
        takes.append("schedule")
        made += f"    schedule = make_schedule(optimizer, math.ceil(len(x) / {size(program)}))\n"
        step += "        schedule.step()\n"
    if program.average:
        text = statement(4, "return ", lowers.lowered(program.average))
        imported = ("from torch.optim import swa_utils",)
        definitions.append(TorchDefinition(f"def make_average(model):\n{text}\n", imported))
        takes.append("average")
        made += "    average = make_average(model)\n"
        step += "        average.update_parameters(model)\n"
    if program.penalties:
        definitions.append(TorchDefinition(_penalty(program.penalties, model)))
    return TorchDescent(
        tuple(definitions),
        tuple(takes),
        made,
        "penalty(model)" if program.penalties else "",
        f"        {lowers.lowered(program.clipping)}\n" if program.clipping else "",
        step,
        "average" if program.average else "model",
        "average.module" if program.average else "model",
        after,
    )


def size(program: Program) -> str:
    """How many samples a step has."""
    return "(BATCH * ACCUMULATE)" if "accumulate" in program.settings else "BATCH"


def looks_at_loss(program: Program) -> bool:
    """Whether the optimizer evaluates the loss several times in a step."""
    return program.optimizer is not None and program.optimizer.needs_loss


def backward(program: Program, said: TorchLoss, weighted: bool, penalty: str) -> str:
    """The lines that set the gradients of a step, by the loss as it is ``said`` in PyTorch."""
    if "accumulate" not in program.settings:
        loss = "loss(y, targets, weights)" if weighted else "loss(y, targets)"
        if looks_at_loss(program):
            return _EVALUATED.format(loss=f"{loss} + {penalty}" if penalty else loss)
        loss = f"({loss} + {penalty})" if penalty else loss
        return _BACKWARD.format(loss=loss)
    assert program.loss
    if looks_at_loss(program):
        name = program.optimizer.name if program.optimizer else ""
        raise Unsupported(f"{name} of several batches a step has no counterpart in PyTorch yet")
    loss = "loss(y, theirs, w_part)" if weighted else "loss(y, theirs)"
    if not said.counts:
        means = "each term divides a step of several batches by another number"
        raise Unsupported(f"in PyTorch, {means}: {program.loss.name}")
    if program.loss.is_mean:
        own, all = (re.sub(r"\bt\b", one, said.counts) for one in ("theirs", "targets"))
        loss = f"({loss} * ({own} / {all}))"
    names = ", w_part" if weighted else ""
    parts = ["inputs", "targets", "weights"][: 3 if weighted else 2]
    split = ", ".join(f"{one}.split(BATCH)" for one in parts)
    lines = _IN_PARTS.format(loss=loss, names=names, split=split)
    return lines + (f"        {penalty}.backward()\n" if penalty else "")


def _plateau(schedule: Plateau, program: Program) -> str:
    mode = "max" if program.rises(schedule.metric) else "min"
    least = ""
    if schedule.to:
        least = f', min_lr=[{schedule.to} * one["lr"] for one in optimizer.param_groups]'
    given = (
        f'"{mode}", {schedule.decay}, {schedule.patience}, {schedule.threshold}, '
        f'"{schedule.threshold_mode}", {schedule.cooldown}{least}, eps=0.0'
    )
    return f"optim.lr_scheduler.ReduceLROnPlateau(optimizer, {given})"


def _schedule(schedules: Sequence[Schedule]) -> TorchDefinition:
    """The definition of ``make_schedule``."""
    *before, last = schedules
    lines: list[str] = []
    uses: list[TorchDefinition] = []
    done = ""
    for schedule in before:
        length = _length(schedule, done)
        lines += [f"        length = {length}\n", "        if step < length:\n"]
        said: TorchSchedule = lowers.lowered(schedule)
        lines += _returned(said.text, schedule.unit, 12)
        lines.append("        step -= length\n")
        done, uses = f"{done} - {length}", [*uses, *said.uses]
    said = lowers.lowered(last)
    returned = "".join(_returned(said.text, last.unit, 8))
    if _names("length", returned):
        lines.append(statement(8, "length = ", _length(last, done)) + "\n")
    body = "".join([*lines, returned])
    return TorchDefinition(_SCHEDULE.format(body=body), uses=(*uses, *said.uses))


def _length(schedule: Schedule, done: str) -> str:
    """How many steps a schedule has, behind those that are ``done``, such as " - 500"."""
    if schedule.length is None:
        return f"EPOCHS * of_epoch{done}"
    return whole(schedule.length) + (" * of_epoch" if schedule.unit == "epochs" else "")


def _returned(text: str, unit: str, indent: int) -> Iterator[str]:
    """The lines that return a schedule's factor, in which ``at`` and ``t`` say where a step is."""
    space = " " * indent
    if _names("at", text):
        at = "min(step, length)"
        yield f"{space}at = {at} / of_epoch\n" if unit == "epochs" else f"{space}at = {at}\n"
    if _names("t", text):
        yield f"{space}t = min(step / length, 1.0) if length > 0 else 1.0\n"
    yield f"{statement(indent, 'return ', text)}\n"


def _names(name: str, text: str) -> bool:
    return bool(re.search(rf"\b{name}\b", text))


def _penalty(penalties: Sequence[Penalty], model: Model) -> str:
    """The definition of ``penalty``."""
    lines: list[str] = []
    for penalty in penalties:
        names = f"[{', '.join(map(literal, _penalized(penalty, model)))}]"
        text = lowers.lowered(penalty).format(names=names)
        lines.append(f"{statement(4, 'found += ' if lines else 'found = ', text)}\n")
    return _PENALTY.format(lines="".join(lines))


def _penalized(penalty: Penalty, model: Model) -> Iterator[str]:
    """The names of the parameters that a penalty is of."""
    for number, path in model.paths.items():
        node = model.graph.nodes[number]
        is_on = not penalty.parts or any(part in node.parts for part in penalty.parts)
        if is_on and not node.frozen and not node.shares:
            for name, weight in node.layer.declared_weights().items():
                if weight.decay or penalty.biases:
                    yield f"{path}.{name}"


_BACKWARD = """\
        y = model(inputs)
        {loss}.backward()
"""

_EVALUATED = """\
            y = model(inputs)
            value = {loss}
            value.backward()
"""

_IN_PARTS = """\
        for some, theirs{names} in zip({split}):
            y = model(some)
            {loss}.backward()
            outputs.append(y.detach())
"""

_SCHEDULE = '''\
def make_schedule(optimizer, of_epoch):
    """What the learning rate is multiplied by; an epoch has so many steps."""

    def factor(step):
{body}
    return optim.lr_scheduler.LambdaLR(optimizer, factor)
'''

_PENALTY = '''\
def penalty(model):
    """What is made small beside the loss."""
    weights = dict(model.named_parameters())
{lines}    return found
'''
