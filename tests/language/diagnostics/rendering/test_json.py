"""The form that scripts and editors rely on."""

from __future__ import annotations

import json
from typing import ClassVar

from netlang.language.diagnostics import Diagnostic, Fix, Label
from netlang.language.diagnostics.rendering.json import as_json
from netlang.language.source import SourceFile, Span


class Mistake(Diagnostic):
    code: ClassVar[str] = "E0301"
    title: str = "it does not fit"
    label: str = "takes [N, 30]"
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()


class Missing(Mistake):
    code: ClassVar[str] = "W0601"
    file: str = "gone.net"
    title: str = "cannot read it"


NET = SourceFile("bad.net", "Linear(2, 25)\n-> Linear(30, 1)\n")
FIRST = Span(NET, 0, 13)
SECOND = Span(NET, 17, 30)
NUMBER = Span(NET, 24, 26)


def test_a_diagnostic_becomes_an_object_with_every_key_of_the_documented_form() -> None:
    mistake = Mistake(
        SECOND,
        labels=(Label(FIRST, "this produces [N, 25]"),),
        notes=("a note",),
        helps=("write `Linear(25, 1)`", "or `Linear(_, 1)`"),
        fixes=(Fix(NUMBER, "25"),),
    )
    second = {"file": "bad.net", "line": 2, "column": 4, "end_line": 2, "end_column": 17}
    first = {"file": "bad.net", "line": 1, "column": 1, "end_line": 1, "end_column": 14}
    number = {"file": "bad.net", "line": 2, "column": 11, "end_line": 2, "end_column": 13}
    assert as_json(mistake) == {
        "code": "E0301",
        "severity": "error",
        "title": "it does not fit",
        **second,
        "labels": [
            {**second, "text": "takes [N, 30]", "primary": True},
            {**first, "text": "this produces [N, 25]", "primary": False},
        ],
        "notes": ["a note"],
        "helps": ["write `Linear(25, 1)`", "or `Linear(_, 1)`"],
        "fixes": [{**number, "replacement": "25"}],
    }


def test_without_a_span_the_position_is_null_and_the_file_is_still_named() -> None:
    assert as_json(Missing(None)) == {
        "code": "W0601",
        "severity": "warning",
        "title": "cannot read it",
        "file": "gone.net",
        "line": None,
        "column": None,
        "end_line": None,
        "end_column": None,
        "labels": [],
        "notes": [],
        "helps": [],
        "fixes": [],
    }


def test_a_label_in_another_file_names_that_file() -> None:
    table = SourceFile("other.csv", "1,2\n3,4\n")
    mistake = Mistake(FIRST, labels=(Label(Span(table, 4, 5), "a 3"),))
    assert as_json(mistake)["labels"] == [
        {
            "file": "bad.net",
            "line": 1,
            "column": 1,
            "end_line": 1,
            "end_column": 14,
            "text": "takes [N, 30]",
            "primary": True,
        },
        {
            "file": "other.csv",
            "line": 2,
            "column": 1,
            "end_line": 2,
            "end_column": 2,
            "text": "a 3",
            "primary": False,
        },
    ]


def test_the_end_of_the_text_is_a_position_on_its_last_line() -> None:
    shown = as_json(Mistake(Span(NET, len(NET.text), len(NET.text))))
    assert (shown["line"], shown["column"]) == (3, 1)
    assert (shown["end_line"], shown["end_column"]) == (3, 1)


def test_hostile_text_survives_the_way_through_json_unchanged() -> None:
    mistake = Mistake(FIRST, title="\x1b[2J\u202e\n\ud800", notes=('"quoted"',))
    assert json.loads(json.dumps(as_json(mistake))) == as_json(mistake)
