"""TensorBoard: ``tensorboard --logdir runs`` shows all runs beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from netlang.runs.tracking.tracker import About, Hyperparameters, Tracker
from netlang.runs.training.events import EpochDone, Finished


class TensorBoard(Tracker):
    """Writes event files into the run's folder: metrics by part, the learning rate, the file, its
    hyper-parameters beside the result, and the pictures.
    """

    name, extra = "tensorboard", "tensorboard"

    @classmethod
    def packages(cls) -> tuple[str, ...]:
        return ("tensorboard",)

    def __init__(self, about: About, goes_on: bool) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._folder, self._hyperparameters = about.folder, about.hyperparameters
        purged = about.epochs + 1 if goes_on else None  # what was told of these epochs comes again
        self._writer: Any = SummaryWriter(str(about.folder), purge_step=purged)
        if not goes_on:
            self._writer.add_text("file", "\n".join(f"    {one}" for one in about.text.split("\n")))
        self._epoch = about.epochs

    @classmethod
    def begin(cls, about: About, known: Mapping[str, str]) -> Self:
        return cls(about, goes_on=bool(known))

    @property
    def known_as(self) -> dict[str, str]:
        return {"logdir": "."}

    def epoch(self, event: EpochDone) -> None:
        self._epoch = event.epoch
        for path, value in event.by_epoch.items():
            part, _, metric = path.partition(".")
            self._writer.add_scalar(f"{metric}/{part}", value, event.epoch)
        if event.lr is not None:
            self._writer.add_scalar("lr", event.lr, event.epoch)
        self._writer.flush()

    def result(self, event: Finished) -> None:
        results = {f"result/{path}": value for path, value in event.metrics.items()}
        for summary in _summaries(self._hyperparameters, results):
            self._writer._get_file_writer().add_summary(summary)
        for name, value in results.items():
            self._writer.add_scalar(name, value, event.epoch)

    def close(self, status: str) -> None:
        for picture in sorted(self._folder.glob("*.png")):
            if (pixels := _pixels(picture)) is not None:
                self._writer.add_image(picture.stem, pixels, self._epoch, dataformats="HWC")
        self._writer.close()


def _summaries(
    hyperparameters: Hyperparameters, results: Mapping[str, float]
) -> tuple[object, ...]:
    """What the page of hyper-parameters reads, in the same event file as all else."""
    from torch.utils.tensorboard import summary

    of: Any = summary
    return tuple(of.hparams(dict(hyperparameters), dict(results)))


def _pixels(picture: Path) -> object:
    """A picture as an array, [height, width, 3]; None where nothing here reads pictures."""
    try:
        import numpy
        from PIL import Image
    except ImportError:
        return None
    with Image.open(picture) as opened:
        return numpy.asarray(opened.convert("RGB"))
