"""Messages: what they are, their codes, and how they are shown."""

from netlang.language.diagnostics.diagnostic import Diagnostic, Fix, Label, Sink
from netlang.language.diagnostics.error import DiagnosticError

__all__ = ["Diagnostic", "DiagnosticError", "Fix", "Label", "Sink"]
