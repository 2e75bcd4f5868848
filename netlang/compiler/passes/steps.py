"""Whether the steps of a training are of a size, and as many, that it can succeed."""

from __future__ import annotations

import math

from netlang.catalogue.averages import Average
from netlang.catalogue.clipping import Clipping
from netlang.catalogue.losses import Loss
from netlang.catalogue.optimizers import Optimizer
from netlang.catalogue.optimizers.decay import WeightDecay
from netlang.catalogue.penalties import Penalty
from netlang.catalogue.schedules import Rates, Schedule
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.settings import (
    Course,
    Data,
    SettingsReader,
    course_of,
    not_a_length,
    samples_of_step,
)
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.steps import (
    AverageOfBeginning,
    DecayScaled,
    DecayTwice,
    OneStepEpoch,
    OtherSamples,
    UnusualRate,
)
from netlang.language.source import Span

_LOOKED_AT = 1000  # steps at most, of which the largest rate is taken
_FIRST = 0.1  # the share of an average that may be the weights of the first step


def lint_steps(settings: SettingsReader, data: Data | None, sink: Sink) -> None:
    """Report learning rates, decay, and numbers of steps that are unlikely to be meant so."""
    course = course_of(settings, data.description) if data else None
    for call in filter(None, settings.calls["optimizer"]):
        _lint_rate(call, settings, course, sink)
        _lint_decay(call, settings, sink)
        if data and issubclass(call.item, Optimizer) and call.item.takes_all:
            _lint_batches(call, settings, data, sink)
    if data:
        _lint_accumulate(settings, data, sink)
    if course:
        _lint_average(settings, course, sink)


def _lint_rate(
    call: BoundCall, settings: SettingsReader, course: Course | None, sink: Sink
) -> None:
    """Report a learning rate at which networks do not learn, as schedules and the loss have it."""
    optimizer = call.declared()
    assert isinstance(optimizer, Optimizer)
    lr = optimizer.values.get("lr")
    if not isinstance(lr, int | float) or optimizer.values.get("on"):  # a part may need another
        return
    factors = [_of_schedule(settings, course)]
    if optimizer.follows_size:
        factors.append(_of_gradient(settings))
    known = [factor for factor in factors if factor]
    rate = lr * math.prod(factor for factor, _, _ in known)
    least, most = optimizer.usual_lr
    if least <= rate <= most:
        return
    reasons = tuple((text, span) for _, text, span in known)
    span = call.spans.get("lr", call.span)
    declared = next(one for one in call.item.arguments if one.name == "lr")
    default = declared.default if isinstance(declared.default, float) else None
    sink.report(UnusualRate(span, call.item.name, lr, rate, (least, most), default, reasons))


_Factor = tuple[float, str, Span]  # of the learning rate, what it is, and where that is said


def _of_schedule(settings: SettingsReader, course: Course | None) -> _Factor | None:
    """The largest factor of the schedules, if that is another than 1."""
    calls = settings.calls["schedule"]
    known = [call for call in calls if call]
    if not course or not calls or len(known) < len(calls) or any(map(not_a_length, known)):
        return None
    schedules = [one for one in (call.declared() for call in known) if isinstance(one, Schedule)]
    rates = Rates(schedules, course.steps, course.of_epoch)
    some = range(0, course.steps, 1 + course.steps // _LOOKED_AT)
    most = max(rates.factor(step) for step in some)
    span = settings.values["schedule"].span
    return (most, f"multiplies it by up to {most:.3g}", span) if not 0.5 <= most <= 2 else None


def _of_gradient(settings: SettingsReader) -> _Factor | None:
    """How large the gradient may be, if another than 1 is to be expected of it."""
    of_sum = _of_sum(settings)
    call = settings.call("clip")
    clipping = call and call.declared()
    if call and isinstance(clipping, Clipping):
        longest = clipping.longest
        if longest < (of_sum[0] if of_sum else 1):
            return longest, f"makes no gradient longer than {longest:g}", call.span
    return of_sum


def _of_sum(settings: SettingsReader) -> _Factor | None:
    """How many times larger the gradient is than that of a mean, where a loss is a sum."""
    calls = [call for call in settings.calls["loss"] if call]
    sums = (call for call in calls if _is_sum(call))
    if not (call := next(sums, None)):
        return None
    samples = samples_of_step(settings)
    assert samples
    return samples, f"adds the gradients of {samples:,} samples", call.span


def _is_sum(call: BoundCall) -> bool:
    loss = call.declared()
    return isinstance(loss, Loss) and not loss.is_mean


def _lint_decay(call: BoundCall, settings: SettingsReader, sink: Sink) -> None:
    """Report decay that an optimizer scales, and that a penalty repeats."""
    optimizer = call.declared()
    if not isinstance(optimizer, WeightDecay) or not optimizer.weight_decay:
        return
    span = call.spans.get("weight_decay", call.span)
    if optimizer.scales_decay:
        penalty = f"L2({optimizer.weight_decay / 2:g}{', biases=true' * optimizer.decay_biases})"
        sink.report(DecayScaled(span, call.item.name, _decoupled(call, optimizer), penalty))
    for other in filter(None, settings.calls["penalty"]):
        beside = other.declared()
        assert isinstance(beside, Penalty)
        if beside.decays and not (beside.parts and optimizer.values.get("on")):
            sink.report(DecayTwice(span, other.span))


def _decoupled(call: BoundCall, optimizer: WeightDecay) -> str:
    """How the call is written with decay apart from the gradient."""
    argument = next(
        (one for one in call.item.arguments if one.name == optimizer.decoupled_by), None
    )
    if argument:
        return call.written_with({argument.name: "true"})
    return call.written_with({}).replace(call.item.name, optimizer.decoupled_by, 1)


def _lint_batches(call: BoundCall, settings: SettingsReader, data: Data, sink: Sink) -> None:
    """Report an optimizer that gets other samples in each step."""
    step, train = samples_of_step(settings), data.description.train
    stated = settings.values.get("batch")
    if step and step < train:
        where = stated.span if stated else None
        sink.report(OtherSamples(call.span, call.item.name, step, train, where, data.span))


def _lint_accumulate(settings: SettingsReader, data: Data, sink: Sink) -> None:
    """Report a step that takes more batches than an epoch has."""
    accumulate, batch = settings.stated("accumulate"), settings.value("batch")
    train = data.description.train
    if isinstance(accumulate, int) and isinstance(batch, int):
        batches = -(-train // batch)
        if accumulate > batches:
            span = settings.values["accumulate"].span
            sink.report(OneStepEpoch(span, accumulate, batches, train, data.span))


def _lint_average(settings: SettingsReader, course: Course, sink: Sink) -> None:
    """Report a running average that is still that of the first steps when training ends."""
    call = settings.call("average")
    average = call and call.declared()
    if not call or not isinstance(average, Average):
        return
    share = average.of_first(course.steps)
    if share > _FIRST:
        ((name, instead),) = average.shorter(course.steps).items()
        span = call.spans.get(name, call.span)
        about = call.item.name, course.steps, share, name, instead
        sink.report(AverageOfBeginning(span, *about))
