"""Diagnostics as data for machines: editors, scripts, continuous integration.

The form is a promise to programs that read it: keys are added, never changed.
Lines and columns count from 1, columns in characters; an end is the position
just after the last character. Text is raw, not as a terminal shows it.
"""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Label
from netlang.language.source import Span


def as_json(diagnostic: Diagnostic) -> dict[str, object]:
    """``diagnostic`` as an object that ``json.dumps`` takes."""
    span = diagnostic.span
    primary = [_label(Label(span, diagnostic.label), primary=True)] if span else []
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "title": diagnostic.title,
        "file": diagnostic.file,
        **_positions(span),
        "labels": [*primary, *(_label(label, primary=False) for label in diagnostic.labels)],
        "notes": list(diagnostic.notes),
        "helps": list(diagnostic.helps),
        "fixes": [
            {**_location(fix.span), "replacement": fix.replacement} for fix in diagnostic.fixes
        ],
    }


def _label(label: Label, *, primary: bool) -> dict[str, object]:
    return {**_location(label.span), "text": label.text, "primary": primary}


def _location(span: Span) -> dict[str, object]:
    return {"file": span.source.name, **_positions(span)}


def _positions(span: Span | None) -> dict[str, object]:
    return {
        "line": span.first.line if span else None,
        "column": span.first.column if span else None,
        "end_line": span.last.line if span else None,
        "end_column": span.last.column if span else None,
    }
