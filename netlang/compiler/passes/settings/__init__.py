"""Settings: their values and those of expectations are checked, and missing ones are reported."""

from netlang.compiler.passes.settings.augmenting import check_augment
from netlang.compiler.passes.settings.expectations import ExpectationChecker
from netlang.compiler.passes.settings.missing import report_missing
from netlang.compiler.passes.settings.optimizers import check_optimizers
from netlang.compiler.passes.settings.reader import Data, LossCall, SettingsReader, StatedInput
from netlang.compiler.passes.settings.schedules import check_schedules, lint_schedules, not_a_length
from netlang.compiler.passes.settings.slips import find_slip, slip_of, takes
from netlang.compiler.passes.settings.stopping import check_stop, never_stops

__all__ = [
    "Data",
    "ExpectationChecker",
    "LossCall",
    "SettingsReader",
    "StatedInput",
    "check_augment",
    "check_optimizers",
    "check_schedules",
    "check_stop",
    "find_slip",
    "lint_schedules",
    "never_stops",
    "not_a_length",
    "report_missing",
    "slip_of",
    "takes",
]
