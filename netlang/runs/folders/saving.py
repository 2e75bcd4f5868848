"""A training saves checkpoints in its run's folder, so that it can go on however it ends."""

from __future__ import annotations

import time
from pathlib import Path

from netlang.runs.folders import history
from netlang.runs.training.checkpoint_file import CHECKPOINT_FILE, to_bytes
from netlang.runs.training.events import EpochDone, Event, Finished, StepsDone
from netlang.runs.training.training import Training
from netlang.system.files import write_whole
from netlang.system.interruption import uninterrupted

MINUTES = 5.0  # between two checkpoints within an epoch
_LEAST = 1.0  # seconds from one checkpoint to the next
_SHARE = 20  # of the time, the part that saving takes at most


class Checkpoints:
    """The latest checkpoint of ``training``, in a file in ``folder``.

    One is saved after an epoch, and within a long epoch after so many ``minutes``. But none is
    saved within a second of another, nor so soon that saving takes more than a twentieth of the
    time. The end is saved in any case. With 0 ``minutes``, none is saved.

    The history is saved before, so that it has the epochs before the last one that the checkpoint
    has; and of that, the checkpoint has all.
    """

    def __init__(self, folder: Path, training: Training, minutes: float) -> None:
        import safetensors.torch  # noqa: F401 - while a signal is handled, nothing can be imported

        self.file = folder / CHECKPOINT_FILE
        self.training = training
        self._seconds = 60 * minutes
        self._saved = time.monotonic()  # when it was last
        self._not_before = self._saved + _LEAST

    def save_after(self, event: Event) -> None:
        """Save one if it is due after this event.  Raises OSError; the last one then stays."""
        now = time.monotonic()
        match event:
            case Finished():
                is_due = True
            case EpochDone():
                is_due = now >= self._not_before
            case StepsDone():
                is_due = now >= max(self._saved + self._seconds, self._not_before)
            case _:
                is_due = False
        if is_due:
            self.save()

    def save(self) -> None:
        """Save one now.  Raises OSError; the last one then stays."""
        if not self._seconds:
            return
        began = time.monotonic()
        try:
            with uninterrupted():
                history.save(self.file.parent)
                write_whole(self.file, to_bytes(self.training.checkpoint()))
        finally:
            self._saved = time.monotonic()
            self._not_before = self._saved + max(_LEAST, _SHARE * (self._saved - began))
