"""The path of a metric says what is measured, and on which part of the data: `validation.loss`."""

from __future__ import annotations

PARTS = ("train", "validation", "test")  # of the data


class MetricPath(str):
    """A path such as ``validation.loss``: a string, so that it is a plain value as others are."""

    __slots__ = ()

    @property
    def part(self) -> str:
        """The part of the data: "train", "validation" or "test"."""
        return self.partition(".")[0]

    @property
    def metric(self) -> str:
        """What is measured on it: "loss", or a metric's name."""
        return self.partition(".")[2]
