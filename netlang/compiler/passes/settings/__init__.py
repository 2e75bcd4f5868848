"""Settings: their values and those of expectations are checked, and missing ones are reported."""

from netlang.compiler.passes.settings.augmenting import check_augment
from netlang.compiler.passes.settings.course import Course, course_of, samples_of_step
from netlang.compiler.passes.settings.data import Data, StatedInput, data_of, stated_input
from netlang.compiler.passes.settings.expectations import ExpectationChecker
from netlang.compiler.passes.settings.losses import (
    LossCall,
    fitting_losses,
    losses_of,
    may_have_several_losses,
)
from netlang.compiler.passes.settings.metrics import metrics_of
from netlang.compiler.passes.settings.missing import report_missing
from netlang.compiler.passes.settings.network import (
    beginning_of,
    frozen_parts,
    members_of,
    named_parts,
    network_of,
)
from netlang.compiler.passes.settings.optimizers import check_optimizers
from netlang.compiler.passes.settings.reader import SettingsReader
from netlang.compiler.passes.settings.schedules import check_schedules, lint_schedules, not_a_length
from netlang.compiler.passes.settings.slips import find_slip, slip_of, takes
from netlang.compiler.passes.settings.stopping import check_stop, never_stops

__all__ = [
    "Course",
    "Data",
    "ExpectationChecker",
    "LossCall",
    "SettingsReader",
    "StatedInput",
    "beginning_of",
    "check_augment",
    "check_optimizers",
    "check_schedules",
    "check_stop",
    "course_of",
    "data_of",
    "find_slip",
    "fitting_losses",
    "frozen_parts",
    "lint_schedules",
    "losses_of",
    "may_have_several_losses",
    "members_of",
    "metrics_of",
    "named_parts",
    "network_of",
    "never_stops",
    "not_a_length",
    "report_missing",
    "samples_of_step",
    "slip_of",
    "stated_input",
    "takes",
]
