"""Running a program: training it, saying what happens on the way, and keeping that."""

from netlang.runs.checkpoint import Checkpoint
from netlang.runs.events import EpochDone, Event, Finished, Outcome, Progress, Started, as_data
from netlang.runs.folder import RunFolder
from netlang.runs.train import Training

__all__ = [
    "Checkpoint",
    "EpochDone",
    "Event",
    "Finished",
    "Outcome",
    "Progress",
    "RunFolder",
    "Started",
    "Training",
    "as_data",
]
