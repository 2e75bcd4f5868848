"""A file trained by netlang and by PyTorch: in lockstep, or many times in turns."""

from netlang.runs.comparison import keep, report
from netlang.runs.comparison.lockstep import Difference, Lockstep
from netlang.runs.comparison.runs import Comparison, Turn, in_turns
from netlang.runs.comparison.twin import Twin
from netlang.runs.comparison.welch import check_welch

__all__ = [
    "Comparison",
    "Difference",
    "Lockstep",
    "Turn",
    "Twin",
    "check_welch",
    "in_turns",
    "keep",
    "report",
]
