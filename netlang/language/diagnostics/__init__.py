"""Messages: what they are, their codes, and how they are shown."""

from netlang.language.diagnostics.diagnostic import Diagnostic, Fix, Label
from netlang.language.diagnostics.error import NetError
from netlang.language.diagnostics.sink import Cause, Sink

__all__ = ["Cause", "Diagnostic", "Fix", "Label", "NetError", "Sink"]
