"""Pictures of trainings are drawn with matplotlib, which is imported for the first of them."""

from netlang.runs.plots.canvas import FORMS, check
from netlang.runs.plots.confusion import draw_confusion
from netlang.runs.plots.coordinates import Scale, draw_coordinates
from netlang.runs.plots.curves import Curves, draw_curves
from netlang.runs.plots.decisions import Decision, decision, draw_decisions, has_plane
from netlang.runs.plots.norms import draw_norms
from netlang.runs.plots.predicted import draw_predicted
from netlang.runs.plots.rates import draw_schedule, draw_search
from netlang.runs.plots.samples import draw_samples
from netlang.runs.plots.studies import draw_history, draw_importances, draw_slices
from netlang.runs.plots.weights import draw_embedding, draw_filters

__all__ = [
    "FORMS",
    "Curves",
    "Decision",
    "Scale",
    "check",
    "decision",
    "draw_confusion",
    "draw_coordinates",
    "draw_curves",
    "draw_decisions",
    "draw_embedding",
    "draw_filters",
    "draw_history",
    "draw_importances",
    "draw_norms",
    "draw_predicted",
    "draw_samples",
    "draw_schedule",
    "draw_search",
    "draw_slices",
    "has_plane",
]
