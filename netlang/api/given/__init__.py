"""X and y that Python has in memory take the place of the data that a file names."""

from netlang.api.given.program import Given, given_program, is_in_memory
from netlang.api.given.wording import warn_of_data

__all__ = ["Given", "given_program", "is_in_memory", "warn_of_data"]
