"""Netlang and PyTorch train the same file: in lockstep, or many times in turns."""

from netlang.runs.comparison import report
from netlang.runs.comparison.comparison_folder import ComparisonFolder, pictures
from netlang.runs.comparison.lockstep import Difference, Lockstep
from netlang.runs.comparison.turns import Comparison, Turn, in_turns
from netlang.runs.comparison.twin import Twin
from netlang.runs.comparison.welch import check_welch

__all__ = [
    "Comparison",
    "ComparisonFolder",
    "Difference",
    "Lockstep",
    "Turn",
    "Twin",
    "check_welch",
    "in_turns",
    "pictures",
    "report",
]
