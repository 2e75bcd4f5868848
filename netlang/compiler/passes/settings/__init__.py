"""Settings and expectations of a file: their values, checked, and which settings are missing."""

from netlang.compiler.passes.settings.expectations import ExpectationChecker
from netlang.compiler.passes.settings.missing import is_block_file, report_missing
from netlang.compiler.passes.settings.resolver import SettingsResolver
from netlang.compiler.passes.settings.slips import find_slip, slip_of
from netlang.compiler.passes.settings.stated import Data, Start

__all__ = [
    "Data",
    "ExpectationChecker",
    "SettingsResolver",
    "Start",
    "find_slip",
    "is_block_file",
    "report_missing",
    "slip_of",
]
