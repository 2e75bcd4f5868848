"""Messages: what they are, their codes, and how they are shown."""

from netlang.language.diagnostics.diagnostic import Diagnostic, DiagnosticError, Fix, Label, Sink

__all__ = ["Diagnostic", "DiagnosticError", "Fix", "Label", "Sink"]
