"""Why a program cannot train in C. It trains on tensors then, and the reason can be shown."""


class Unavailable(Exception):
    """Native code cannot be had; the message is the reason, as the end of a sentence."""


class Unsupported(Unavailable):
    """A layer, the loss or the optimizer has no C."""


class NoLibrary(Unavailable):
    """There is no compiler for the C, or no safe folder to keep the result in."""
