"""The losses of a file: one for each output, or a sum of some, each with the number it counts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from netlang.catalogue.losses import Loss
from netlang.catalogue.outputs import SumOfLosses, Term
from netlang.catalogue.settings import SETTINGS
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.settings.data import Data
from netlang.compiler.passes.settings.reader import SettingsReader, listed, terms_of
from netlang.compiler.passes.settings.tasks import check_task
from netlang.compiler.passes.values import Summed, Value, Weighted, holds_poison, number_in
from netlang.language.diagnostics import Cause
from netlang.language.diagnostics.messages.names import OutOfRange
from netlang.language.diagnostics.messages.settings import LossesMismatch
from netlang.system.record import Record


class LossCall(Record):
    """A loss of the file: its calls, which are added up, each with the number that it counts. A
    call is None if it is wrong.
    """

    terms: tuple[tuple[BoundCall | None, float], ...]

    @property
    def calls(self) -> tuple[BoundCall | None, ...]:
        return tuple(call for call, _ in self.terms)

    @property
    def weight(self) -> float:
        """The number of a single loss; those of several are in their sum."""
        return self.terms[0][1] if len(self.terms) == 1 else 1.0

    @property
    def loss(self) -> Loss | None:
        found = [Term(loss, weight) for call, weight in self.terms if (loss := _loss_of(call))]
        if len(found) < len(self.terms):
            return None
        return found[0].loss if len(found) == 1 else SumOfLosses.of(*found)


def _loss_of(call: BoundCall | None) -> Loss | None:
    loss = call and call.declared()
    assert loss is None or isinstance(loss, Loss)
    return loss


def losses_of(settings: SettingsReader) -> list[LossCall]:
    """The file's losses, one for each output of the network."""
    calls = iter(settings.calls["loss"])
    return [
        LossCall(tuple((next(calls), _weight(settings, one)) for one in terms_of(part)))
        for part in (_parts(settings) if settings.calls["loss"] else ())
    ]


def may_have_several_losses(settings: SettingsReader, data: Data | None) -> bool:
    """Whether the file has a list of losses or needs one, as far as that is known."""
    value = settings.values.get("loss")
    is_unknown = _lacks(settings, data) or (value is not None and holds_poison(value))
    needs_several = data is not None and len(data.description.tasks) > 1
    has_several = isinstance(value, Summed) or len(_parts(settings)) > 1
    return is_unknown or needs_several or has_several


def fitting_losses(
    settings: SettingsReader,
    losses: Sequence[LossCall],
    data: Data | None,
    outputs: int,
    in_order: bool,
) -> list[tuple[BoundCall, ...]]:
    """The calls of the losses, for each of the ``outputs`` those that are for its kind of
    target; others are reported, as are more or fewer losses than outputs. These stand
    ``in_order`` of the targets, or that is reported.
    """
    value, none = settings.values.get("loss"), [()] * outputs
    if value is None or holds_poison(value) or not in_order:
        return [*none]
    targets = data.description.for_outputs(outputs) if data else None
    if _lacks(settings, data) or (data and targets is None):  # both are reported already
        return [*none]
    if losses and len(losses) != outputs:
        several = value.terms if isinstance(value, Summed) else ()
        each = tuple(one.span.text for one in several)
        settings.sink.report(LossesMismatch(value.span, len(losses), outputs, each))
        return [*none]
    calls = [tuple(filter(None, one.calls)) for one in losses]
    if data is None or targets is None:
        return calls
    return [
        tuple(call for call in of_output if check_task(settings, call, data, described, name))
        for of_output, (name, described) in zip(calls, targets, strict=False)
    ]


def _lacks(settings: SettingsReader, data: Data | None) -> bool:
    """Whether the file names data that have a mistake, which is reported."""
    return data is None and "data" in settings.values


def _parts(settings: SettingsReader) -> Sequence[Value]:
    """What the file says of each output's loss."""
    value = settings.values.get("loss")
    return listed(SETTINGS["loss"], value) if value else ()


def _weight(settings: SettingsReader, part: Value) -> float:
    """The number before a loss; one that is not above 0 is reported."""
    if not isinstance(part, Weighted):
        return 1.0
    weight = number_in(part.weight)
    if weight is None or not 0 < weight < math.inf:
        help = "leave the number out, or write one above 0"
        what, got = "the weight of a loss", f"`{part.weight.span.text}`"
        wrong = OutOfRange(part.weight.span, what, "a number above 0", got, help)
        settings.sink.report(wrong, *map(Cause.VALUE.at, part.weight.origins))
        return 1.0
    return float(weight)
