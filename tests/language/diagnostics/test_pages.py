"""The pages of all codes, and their examples, run."""

from __future__ import annotations

from pathlib import Path

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.pages import Page, codes, page
from netlang.language.source import SourceFile
from netlang.language.syntax import format_source
from tests.diagnostics import kinds
from tests.together import together

PAGES = [page(code) for code in codes()]
pages = together("one", PAGES, ids=lambda one: one.code)

# What no .net file alone can show: bytes, sizes, files that are not there, a run, a machine.
BY_COMMAND = (
    {
        "E0454",
        "E0580",
        "E0581",
        "E0582",
        "E0455",
        "E0456",
        "E0457",
        "E0458",
        "E0461",
        "E0462",
        "E0106",
        "E0107",
        "E0109",
        "E0214",
        "E0411",
        "E0412",
        "E0413",
        "E0419",
        "W0620",
        "W0690",
    }
    | {
        "E0424",
        "E0501",
        "E0502",
        "E0503",
        "E0504",
        "E0505",
        "E0506",
        "E0507",
        "E0508",
        "E0509",
        "W0621",
        "E0510",
        "E0511",
        "E0512",
        "W0680",
        "W0681",
    }
    | {f"E045{number}" for number in range(4)}
    | {f"E052{number}" for number in range(10)}
    | {f"E054{number}" for number in range(3)}
    | {f"E059{number}" for number in range(7)}
)


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(codes()) == {kind.code for kind in kinds()}


@pages
def test_a_page_has_a_title_of_its_own_and_a_way_out(one: Page) -> None:
    kinds = {example.words[:2] for example in one.examples}
    assert one.text.startswith(f"# {one.code}: {one.title}\n\n")
    assert [other.title for other in PAGES].count(one.title) == 1
    if one.code in BY_COMMAND:
        assert kinds & {("sh",), ("python",)}
    else:
        assert ("net", "fails") in kinds
        assert kinds & {("net",), ("net", "run")}
    assert all(len(line) <= 100 for line in one.text.splitlines())


@pages
def test_the_example_fails_with_its_code_alone_and_the_mended_one_not(
    one: Page, tmp_path: Path
) -> None:
    folder = tmp_path / one.code
    folder.mkdir()
    for example in one.examples:
        if example.words[0] == "csv":
            (folder / example.words[1]).write_text(example.text)
    for example in one.examples:
        if example.words[0] == "net":
            found = diagnostics(example.text, "run" in example.words, folder)
            assert {message.code for message in found} == (
                {one.code} if "fails" in example.words else set()
            )


def diagnostics(text: str, to_run: bool, folder: Path) -> tuple[Diagnostic, ...]:
    return compile_source(SourceFile("a.net", text, folder / "a.net"), to_run=to_run).diagnostics


@pages
def test_the_mended_examples_are_in_netlangs_style(one: Page) -> None:
    for example in one.examples:
        if example.words[0] == "net" and "fails" not in example.words:
            assert format_source(SourceFile("a.net", example.text)) == example.text
