"""Diagnostics as data for machines: editors, scripts, continuous integration.

The form is a promise to programs that read it: keys are added, never changed.
Lines and columns count from 1, columns in characters; an end is the position
just after the last character. Text is given raw, not as a terminal shows it.
"""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Fix, Label
from netlang.language.source import Span


def as_json(diagnostic: Diagnostic) -> dict[str, object]:
    """``diagnostic`` as an object that ``json.dumps`` takes."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "title": diagnostic.title,
        "file": diagnostic.file,
        **_positions(diagnostic.span),
        "labels": _labels(diagnostic),
        "notes": list(diagnostic.notes),
        "helps": list(diagnostic.helps),
        "fixes": [_fix(fix) for fix in diagnostic.fixes],
    }


def _labels(diagnostic: Diagnostic) -> list[dict[str, object]]:
    secondary = [_label(label, primary=False) for label in diagnostic.labels]
    if diagnostic.span is None:
        return secondary
    return [_label(Label(diagnostic.span, diagnostic.label), primary=True), *secondary]


def _label(label: Label, *, primary: bool) -> dict[str, object]:
    return {**_location(label.span), "text": label.text, "primary": primary}


def _fix(fix: Fix) -> dict[str, object]:
    return {**_location(fix.span), "replacement": fix.replacement}


def _location(span: Span) -> dict[str, object]:
    return {"file": span.source.name, **_positions(span)}


def _positions(span: Span | None) -> dict[str, object]:
    return {
        "line": span.first.line if span else None,
        "column": span.first.column if span else None,
        "end_line": span.last.line if span else None,
        "end_column": span.last.column if span else None,
    }
