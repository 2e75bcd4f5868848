"""Why the native engine cannot take a program. The tensor engine takes over, and can say why."""


class Unavailable(Exception):
    """Native code cannot be had; the message is the reason, as the end of a sentence."""


class Unsupported(Unavailable):
    """A layer, the loss or the optimizer says no C."""


class NoLibrary(Unavailable):
    """There is C, and no compiler for it, or no safe place to keep what it makes."""
