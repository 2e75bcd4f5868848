"""A run trains a program, says what happens on the way, and keeps that."""

from netlang.runs.checkpoint import Checkpoint
from netlang.runs.events import EpochDone, Event, Finished, Outcome, Started, StepsDone, as_data
from netlang.runs.run_folder import RunFolder
from netlang.runs.training import Training

__all__ = [
    "Checkpoint",
    "EpochDone",
    "Event",
    "Finished",
    "Outcome",
    "RunFolder",
    "Started",
    "StepsDone",
    "Training",
    "as_data",
]
