"""What a diagnostic makes of its message."""

from __future__ import annotations

from netlang.language.diagnostics import Diagnostic, Fix, Label
from netlang.language.diagnostics.diagnostic import Message
from netlang.language.diagnostics.suggest import Guess
from netlang.language.source import SourceFile, Span

SOURCE = SourceFile("a.net", "net = Linear(2)")
SPAN, OTHER = Span(SOURCE, 0, 3), Span(SOURCE, 6, 12)


class Mistake(Diagnostic):
    code = "E0301"
    help: str | None
    sure: bool = False

    def message(self) -> Message:
        return Message(
            title="wrong",
            labels=Label(OTHER, "because of this"),
            notes=(self.help, None, "a note"),
            helps=self.help,
            fixes=self.replaced_by(Guess(self.help, self.sure) if self.help else None),
        )


def test_a_message_says_one_thing_or_several_and_leaves_out_what_is_none() -> None:
    mistake = Mistake(SPAN, None)
    assert (mistake.title, mistake.label) == ("wrong", "")
    assert mistake.labels == (Label(OTHER, "because of this"),)
    assert (mistake.notes, mistake.helps, mistake.fixes) == (("a note",), (), ())
    assert Mistake(SPAN, "help").notes == ("help", "a note")
    assert Mistake(SPAN, "help").helps == ("help",)


def test_what_has_no_span_has_no_label_and_no_text() -> None:
    assert Label.at(None, "here") is None
    assert Label.at(SPAN, "here") == Label(SPAN, "here")
    assert (Mistake(None, None).written, Mistake(SPAN, None).written) == ("", "net")


def test_only_what_is_sure_and_has_a_span_is_a_fix() -> None:
    (fix,) = Mistake(SPAN, "x", sure=True).fixes
    assert (fix.span, fix.replacement) == (SPAN, "x")
    assert isinstance(fix, Fix)
    for unsure in (Mistake(SPAN, "x"), Mistake(None, "x", sure=True), Mistake(SPAN, None, True)):
        assert unsure.fixes == ()


class Elsewhere(Diagnostic):
    """A diagnostic with spans of each kind that a field can have."""

    code = "E0301"
    ends: tuple[Label, ...]
    other: Span | None = None
    fix: Fix | None = None

    def message(self) -> Message:
        return Message("wrong", labels=self.ends, fixes=self.fix)


def test_in_another_text_of_its_file_all_of_its_own_spans_are_moved() -> None:
    other = SOURCE.with_text("net = Linear[2]")
    mistake = Elsewhere(SPAN, (Label(OTHER, "here"),), OTHER, Fix(OTHER, "Lin"))
    moved = mistake.in_text_of(other)
    at = Span(other, 6, 12)
    assert (moved.span, moved.other) == (Span(other, 0, 3), at)
    assert (moved.labels, moved.fixes) == ((Label(at, "here"),), (Fix(at, "Lin"),))


def test_a_label_in_an_imported_file_stays_there() -> None:
    imported = Span(SourceFile("blocks.net", "block A() = ReLU"), 6, 7)
    mistake = Elsewhere(SPAN, (Label(imported, "defined here"),), imported)
    moved = mistake.in_text_of(SOURCE.with_text("net = Linear[2]"))
    assert moved.labels == (Label(imported, "defined here"),)
    assert moved.other is imported
