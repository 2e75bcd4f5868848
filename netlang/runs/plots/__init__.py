"""Pictures of trainings are drawn with matplotlib, which is imported for the first of them."""

from netlang.runs.plots.canvas import check
from netlang.runs.plots.curves import Curves, draw_curves
from netlang.runs.plots.decisions import Decision, decision, draw_decisions, has_plane

__all__ = ["Curves", "Decision", "check", "decision", "draw_curves", "draw_decisions", "has_plane"]
