"""A file trained by netlang and by PyTorch: in lockstep, or many times in turns."""

from netlang.comparison import keep, report
from netlang.comparison.lockstep import Difference, Lockstep
from netlang.comparison.runs import Comparison, Pair, in_turns
from netlang.comparison.twin import Twin
from netlang.comparison.welch import check_welch

__all__ = [
    "Comparison",
    "Difference",
    "Lockstep",
    "Pair",
    "Twin",
    "check_welch",
    "in_turns",
    "keep",
    "report",
]
