"""``netlang explain``: pages, lists, and codes that there are not."""

from __future__ import annotations

import json

import pytest
from click.testing import Result

from netlang.language.diagnostics.pages import codes, codes_as_written, page
from tests.program import netlang


def explain(*arguments: str) -> Result:
    return netlang("explain", *arguments)


@pytest.mark.parametrize(
    "written",
    ["E0301", "e0301", "e301", "E301", "301", "0301", "[E0301]", "error[E0301]:", "E-301"],
)
def test_a_code_is_explained_however_it_is_written(written: str) -> None:
    assert explain(written).stdout == page("E0301").text


def test_a_number_that_an_error_and_a_warning_have_is_told_with_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes = "netlang.language.diagnostics.pages.codes"
    monkeypatch.setattr(codes, lambda: ["E0601", "W0601", "W0602"])
    assert codes_as_written("601") == ["E0601", "W0601"]
    assert codes_as_written("w601") == ["W0601"]
    assert "Did you mean E0601 or W0601?" in explain("601").stderr


def test_without_a_code_all_are_listed() -> None:
    assert [line[:5] for line in explain().stdout.splitlines()] == codes()


def test_several_codes_are_explained() -> None:
    assert explain("E0101", "W0601").stdout == f"{page('E0101').text}\n{page('W0601').text}"


def test_an_unknown_code_is_wrong_usage_with_the_one_that_was_meant() -> None:
    result = explain("E0391")
    assert result.exit_code == 2
    assert "Did you mean E0301?" in result.stderr
    assert "lists all codes" in explain("MSE").stderr


def test_a_name_of_the_catalogue_is_shown_by_another_command() -> None:
    result = explain("MSE")
    assert result.exit_code == 2
    assert "`netlang layers MSE` shows what it is; `netlang explain` lists all codes" in (
        " ".join(result.stderr.split())
    )


def test_json_has_the_examples() -> None:
    (found,) = json.loads(explain("E0301", "--json").stdout)
    assert found["code"] == "E0301"
    assert [example["words"] for example in found["examples"]] == [["net", "fails"], ["net"]]


def test_an_error_says_how_to_learn_more_and_a_warning_does_not() -> None:
    wrong = netlang("check", "-", text="net = Linear(2, 3) -> Relu\n")
    assert wrong.stderr.count("netlang explain E0201 tells more about it") == 1
    warned = netlang("check", "-", text="net = Linear(2, 3)\nlos = MSE\n")
    assert "netlang explain" not in warned.stderr
