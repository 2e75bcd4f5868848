"""Augmentations have to fit the data's samples, and their targets the losses."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue.augment import Augmentation, Given
from netlang.catalogue.losses import Loss
from netlang.compiler.passes.settings.data import Data
from netlang.compiler.passes.settings.reader import SettingsReader
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.augment import (
    DrownedInNoise,
    SamplesNotAugmented,
    TargetsNotAugmented,
)
from netlang.language.diagnostics.messages.streams import NotStreamed
from netlang.language.source import Span


def check_augment(settings: SettingsReader, data: Data | None, losses: Sequence[Loss]) -> None:
    """Report each of the file's augmentations that does not fit, where the data are known."""
    for call in filter(None, settings.calls["augment"]):
        augmentation = call.declared()
        assert isinstance(augmentation, Augmentation)
        if data and (problem := _problem(augmentation, call.span, data, losses, settings)):
            settings.sink.report(problem)


def _problem(
    augmentation: Augmentation,
    span: Span,
    data: Data,
    losses: Sequence[Loss],
    settings: SettingsReader,
) -> Diagnostic | None:
    if data.item.is_streamed:
        help = "leave out `augment`; or write `stream=false`, where memory holds the table"
        return NotStreamed(span, "with `augment`", "takes samples that are all in memory", help)
    remark = augmentation.remark(Given(data.description, losses, data.item))
    if remark and remark.of_targets:
        loss = settings.values.get("loss")
        where = loss.span if loss else None
        return TargetsNotAugmented(span, remark.reason, remark.help, where)
    if remark:
        return SamplesNotAugmented(span, remark.reason, remark.help, data.span)
    if data.item.standardizes and augmentation.noise >= 1:
        return DrownedInNoise(span, augmentation.noise, data.span)
    return None
