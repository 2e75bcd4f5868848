"""Messages: what they are, their codes, and how they are shown."""

from netlang.language.diagnostics.diagnostic import (
    Diagnostic,
    DiagnosticError,
    Fix,
    Label,
    Severity,
    Sink,
)

__all__ = ["Diagnostic", "DiagnosticError", "Fix", "Label", "Severity", "Sink"]
