"""Messages: what they are, their codes, and how they are shown."""

from netlang.language.diagnostics.diagnostic import Diagnostic, Fix, Label
from netlang.language.diagnostics.error import DiagnosticError, NetError
from netlang.language.diagnostics.sink import Cause, Sink

__all__ = ["Cause", "Diagnostic", "DiagnosticError", "Fix", "Label", "NetError", "Sink"]
