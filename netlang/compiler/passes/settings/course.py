"""How long the training of a file is."""

from __future__ import annotations

from netlang.catalogue.data import Description
from netlang.compiler.passes.settings.reader import SettingsReader
from netlang.system.record import Record


class Course(Record):
    """A training has so many ``epochs``, and ``of_epoch`` steps in each of them."""

    epochs: int
    of_epoch: int

    @property
    def steps(self) -> int:
        """How many steps it has in all."""
        return self.epochs * self.of_epoch


def course_of(settings: SettingsReader, description: Description) -> Course | None:
    """The course of the training on such data, where its epochs and batches are known."""
    epochs, samples = settings.value("epochs"), samples_of_step(settings)
    if not isinstance(epochs, int) or samples is None:
        return None
    return Course(epochs, -(-description.train // samples))


def samples_of_step(settings: SettingsReader) -> int | None:
    """How many samples a step takes, where there are as many; None where that is not known."""
    batch, accumulate = settings.value("batch"), settings.value("accumulate")
    if not isinstance(batch, int):
        return None
    return batch * accumulate if isinstance(accumulate, int) else batch
