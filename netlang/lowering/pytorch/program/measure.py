"""The definition of ``measure``: the loss of a sample and the metrics, in the units of the data."""

from __future__ import annotations

import re

from netlang.catalogue.outputs import Measure, loss_of
from netlang.lowering.python.text import element, literal, operand
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchLoss, TorchMetric
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.program.parts import Parts
from netlang.lowering.pytorch.several import of_part, shape_of


def measure(parts: Parts) -> TorchDefinition:
    program, has_units = parts.program, parts.data.has_units
    said = [metric_of(parts, one) for one in program.measures]
    metrics = [_numbers(one, text) for one, text in zip(program.measures, said, strict=True)]
    uses = tuple(use for one in said for use in one.uses)
    form = _IN_UNITS if has_units and metrics and not program.outputs else _AS_THEY_ARE
    source = form.format(
        w=parts.weights("w"),
        loss=element(8, f"{_loss(parts)}.item()", '"loss": '),
        metrics="".join(f"{line}\n" for line in metrics),
        y=parts.loss.prediction,
    )
    return TorchDefinition(source, uses=uses)


def _loss(parts: Parts) -> str:
    """The loss on the scale of a sample."""
    assert parts.program.loss
    if not parts.data.weighted:
        return parts.loss.per_sample
    return "loss(y, t, w)" if parts.program.loss.is_mean else "(loss(y, t, w) / len(y))"


def _numbers(measure: Measure, said: TorchMetric) -> str:
    """The lines of a dictionary that have the numbers of a metric."""
    if not said.several:
        return element(8, f"{said.text}.item()", f"{literal(measure.paths[0])}: ")
    return element(8, f"dict(zip({literal(measure.paths)}, {said.text}.tolist()))", "**")


def metric_of(parts: Parts, measure: Measure) -> TorchMetric:
    """A metric of what outputs predict; that of one of several gives its numbers their units."""
    program, has_units = parts.program, parts.data.has_units
    part, metric = measure.part, measure.metric
    assert program.loss
    shape = shape_of(part, program.graph.output)
    loss: TorchLoss = lowers.lowered(loss_of(program.loss, part), shape)
    said: TorchMetric = lowers.lowered(metric, shape)
    reads = loss.probabilities if metric.reads_probabilities else ""
    prediction = reads or loss.prediction
    if part is not None:
        column = part.target_begin if has_units and part.task == "regression" else None
        return said.replace(text=of_part(said.text, part, column=column, prediction=prediction))
    if has_units:  # the whole prediction has them already
        return said
    return said.replace(text=re.sub(r"\by\b", operand(prediction), said.text))


_AS_THEY_ARE = '''\
def measure(y, t{w}):
    """The loss of outputs for targets, on the scale of a sample, and the metrics."""
    return {{
{loss}
{metrics}\
    }}
'''

_IN_UNITS = '''\
def measure(y, t{w}):
    """The loss of outputs for targets, on the scale of a sample, and the metrics, which
    are in the units of the data.
    """
    measured = {{
{loss}
    }}
    y, t = to_values({y}), to_values(t)
    return measured | {{
{metrics}\
    }}
'''
