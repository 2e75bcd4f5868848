"""Running a program: training it, and saying what happens on the way."""

from netlang.runner.events import EpochDone, Event, Finished, Outcome, Progress, Started
from netlang.runner.train import Training

__all__ = ["EpochDone", "Event", "Finished", "Outcome", "Progress", "Started", "Training"]
