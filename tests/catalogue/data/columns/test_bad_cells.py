"""Cells that cannot be used: what is shown of them, and how they are written instead."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from netlang.catalogue.data.columns.missing import marks_no_number
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.rendering.text import render
from tests.catalogue.data.examples import Make, mistake, shown


@pytest.mark.parametrize(
    "text",
    [
        "a,b,y\r1,2,p\r1,x,q\r",
        'a,b,y\n1,2,"p\rq"\n1,x,q\n',
        "a,b,y\n1,2,p\r1,x,q\n",
    ],
    ids=["everywhere", "in-a-quoted-cell", "once"],
)
def test_a_bad_cell_of_a_file_with_lone_carriage_returns_is_e0406_too(csv: Make, text: str) -> None:
    found = mistake(csv(text))
    assert (found.code, found.title) == ("E0406", "row 2, column `b` holds `x`")
    assert found.span is not None
    assert "1,x,q" in found.span.source.line(found.span.first.line)


def test_texts_in_an_input_and_in_a_number_to_predict_are_a_message_each(csv: Make) -> None:
    with pytest.raises(NetError) as raised:
        csv("a,y\nx,1.5\n2,abc\n3,2.5\n4,3.5\n").describe()
    assert [render(found).splitlines()[0] for found in raised.value.diagnostics] == [
        "error[E0406]: row 2, column `y` holds `abc`",
        "error[E0406]: row 1, column `a` holds `x`",
    ]


def test_bad_cells_of_several_columns_are_one_message_which_shows_the_first(csv: Make) -> None:
    found = mistake(csv('a,b,c,y\n1,2,"1,5",p\nu,x,"2,5",q\nv,3,"3,5",q\n4,4,"4,5",q\n'))
    assert found.code == "E0406"
    assert found.title == "3 columns have cells that cannot be used as numbers"
    assert shown(found) == ("t.csv", 2, 5, '"1,5"')
    assert found.notes == (
        "`c`: all 4 rows, from `1,5` on",
        "`a`: row 2 holds `u`, and 1 more cell",
        "`b`: row 2 holds `x`",
    )
    leave = ', or leave the columns out: `ignore=["c", "a", "b"]`'
    assert found.helps[0].endswith(leave)


def test_a_bad_column_is_told_as_a_whole_and_bad_cells_of_one_column_are_counted(
    csv: Make,
) -> None:
    found = mistake(csv('a,b,y\n1,"0,5",p\n2,"1,5",q\n'))
    assert found.title == "column `b` holds no number that can be used"
    assert found.notes == ("that is so in all 2 rows",)
    found = mistake(csv("a,b,y\n1,2,p\n2,v,q\n3,w,q\n4,4,q\n"))
    assert found.title == "row 2, column `b` holds `v`"
    assert found.notes == ("1 more cell of this column cannot be used either",)


@pytest.mark.parametrize("cell", ["x", "1e300", "5 cm"])
def test_many_bad_columns_are_one_message_of_a_few_lines(csv: Make, cell: str) -> None:
    names = [f"column{i}" for i in range(79)]
    text = ",".join([*names, "id", "y"]) + "\n" + ",".join(["1"] * 80 + ["p"]) + "\n"
    text += ",".join([cell] * 79 + ["7", "q"]) + "\n"
    found = mistake(csv(text, ignore=("id",)))
    assert found.title == "79 columns have cells that cannot be used as numbers"
    assert len(found.notes) == 7
    assert found.notes[-1].startswith("and so have `column6`, `column7`, ")
    assert found.notes[-1].endswith(" and 61 more")
    (help,) = found.helps
    assert help.endswith(
        'leave the columns out: `ignore=["id", '
        + ", ".join(f'"column{i}"' for i in range(11))
        + ", ...]`"
    )


def test_bad_inputs_and_a_bad_target_are_two_messages(csv: Make) -> None:
    with pytest.raises(NetError) as raised:
        csv("a,b,y\nx,x,p\n1,2,\n").describe()
    assert sorted(found.title for found in raised.value.diagnostics) == [
        "2 columns have cells that cannot be used as numbers",
        "row 2, column `y` is empty",
    ]


REASONS = [
    ("1e300", "too large: 32-bit floats hold numbers from -3.4e38 to 3.4e38", "scale the column"),
    ("-1e999", "too large: 32-bit floats hold numbers from -3.4e38 to 3.4e38", "scale the column"),
    ("1e-400", "too close to 0: it would be read as 0", "write `0`, scale the column"),
    ("0." + "0" * 400 + "1", "too close to 0: it would be read as 0", "write `0`"),
    ("nan", "and no sign for a missing one", "fill the cell in, remove the row"),
    ("N/A", "and no sign for a missing one", "fill the cell in, remove the row"),
    ("-", "and no sign for a missing one", "fill the cell in, remove the row"),
    (" ", "takes a number", "fill the cell in, remove the row"),
    ("-inf", "takes a finite number", "write a number, remove the row"),
    ("Infinity", "takes a finite number", "write a number, remove the row"),
    ("true", "takes a number", "write `1` for what is so and `0` for what is not"),
    ("1,5", "with a decimal point, and no commas", "write `1.5`,"),
    ("-0,5e3", "with a decimal point, and no commas", "write `-0.5e3`,"),
    ("1,500", "and no commas", "write `1.500`, or `1500` if the comma groups digits,"),
    ("1.234,5", "and no commas", "write `1234.5`,"),
    ("1,234,567.8", "and no commas", "write `1234567.8`,"),
    ("1.234.567", "with a decimal point, and no commas", "write `1234567`,"),
    ("1 000", "takes a number without separators", "write `1000`,"),
    ("1\u202f000,5", "takes a number without separators", "write `1000.5`,"),
    ("12_345_678", "takes a number without separators", "write `12345678`,"),
    ("0x1F", "takes a number in decimal digits", "write `31`,"),
    ("-0b101", "takes a number in decimal digits", "write `-5`,"),
    ("5 cm", "takes a number without a unit", "write `5` alone,"),
    ("1,5 %", "takes a number without a unit", "write `1.5` alone,"),
    ("3.2e-4m/s", "takes a number without a unit", "write `3.2e-4` alone,"),
    ("$1,234.50", "takes a number without a sign before it", "write `1234.50` alone,"),
    ("<0.1", "takes a number without a sign before it", "write `0.1` alone,"),
    ("\u22125", "takes a number in the characters of ASCII", "write `-5`,"),
    ("١٢", "takes a number in the characters of ASCII", "write `12`,"),
    ("wide", "takes a number", "mend the cell,"),
    ("1.2.3", "takes a number", "mend the cell,"),
    ("192.168.0.1", "takes a number", "mend the cell,"),
    ("2024-01-05", "takes a number", "mend the cell,"),
    ("1 2 3", "takes a number", "mend the cell,"),
    ("1e", "takes a number", "mend the cell,"),
    ("0x", "takes a number", "mend the cell,"),
]


@pytest.mark.parametrize(("cell", "wanted", "change"), REASONS)
def test_a_cell_that_is_no_number_is_told_why_and_how_to_write_it(
    csv: Make, cell: str, wanted: str, change: str
) -> None:
    found = mistake(csv(f"a;b;y\n1;2;p\n1;{cell};q\n", delimiter=";"))
    if marks_no_number(cell.strip()):
        assert (found.code, found.title) == ("E0417", "column `b` lacks 1 of 2 cells")
    else:
        assert found.label.endswith(wanted)
        assert found.helps[0].startswith(change)
    assert found.helps[-1].endswith('out: `ignore=["b"]`')
    text = "a;y\n1;0.5\n" + f"1;{cell}\n"
    found = mistake(csv(text, delimiter=";", task="regression"))
    assert found.span
    assert found.span.text == cell
    if change.startswith("write"):  # nothing follows it, so the last way has an "or"
        ways = (
            change.rstrip(",").replace(", remove", ", or remove").replace(", scale", ", or scale")
        )
        assert found.helps[0].startswith(ways)


def test_a_number_to_predict_is_one_of_32_bit_floats(csv: Make) -> None:
    found = mistake(csv("a,y\n1,0.5\n2,-1e-60\n"))
    assert found.label.endswith("too close to 0: it would be read as 0")
    assert csv("a,y\n1,0.5\n2,1.2e-38\n3,0.0\n").table.target.values.tolist() == [0.5, 1.2e-38, 0]


@pytest.mark.parametrize("cell", ["3.4e38", "-3.4e38", "1e-320", "0e-999", "0.0000", "1.e0", ".5"])
def test_all_numbers_that_can_be_read_are_numbers(csv: Make, cell: str) -> None:
    text = "a,y\n" + f"{cell},p\n{cell},q\n" * 2
    assert csv(text, test=0.5).table.columns[0].values.tolist() == [float(cell)] * 4


@pytest.mark.parametrize(
    ("cells", "row", "help"),
    [
        (["p", "", "q"], 2, "name the row's class"),
        (["0", "1", "x", "1"], 3, "mend or remove the row"),
        (["0", "1", "?", "1"], 3, "name the row's class, or remove the row"),
        (["0.5", "x"], 2, "mend or remove the row"),
        (["0.5", ""], 2, "mend or remove the row"),
    ],
    ids=[
        "no-class",
        "text-among-numbers",
        "no-class-among-numbers",
        "text-to-predict",
        "nothing-to-predict",
    ],
)
def test_a_target_cell_that_cannot_be_used_is_e0406(
    csv: Make, cells: Sequence[str], row: int, help: str
) -> None:
    found = mistake(csv("a,y\n" + "".join(f"1,{cell}\n" for cell in cells)))
    assert found.code == "E0406"
    assert found.title.startswith(f"row {row}, column `y` ")
    assert help in found.helps[0]
    assert shown(found) == ("t.csv", row + 1, 3, cells[row - 1])


# Targets that are numbers in another form


def predicted(cells: Sequence[str]) -> str:
    """A table of these targets."""
    return "a;y\n" + "".join(f"{row};{cell}\n" for row, cell in enumerate(cells))


OTHERWISE = {
    "a unit": ([f"{50 + row}.16 EUR" for row in range(9)], "51.16", "without a unit"),
    "a sign": ([f"${50 + row},000" for row in range(9)], "50.000", "without a sign before it"),
    "percent": ([f"{row} %" for row in range(30)], "0", "without a unit"),
    "decimal commas": ([f"{row},5" for row in range(9)], "0.5", "with a decimal point"),
    "few decimal commas": (["0,5", "1,5"] * 20, "0.5", "with a decimal point"),
    "some whole": (["1", "2,5", "3", "4"] * 5, "2.5", "with a decimal point"),
    "separators": ([f"{row} 000" for row in range(1, 10)], "1000", "without separators"),
    "whole with a unit": ([f"{30 + row % 11} kg" for row in range(66)], "30", "without a unit"),
    "few with a unit": ([f"{row % 6}.5%" for row in range(60)], "0.5", "without a unit"),
    "whole with a sign": ([f"${30 + row % 11}" for row in range(66)], "30", "without a sign"),
    "a currency": ([f"CHF {50 + row % 9}" for row in range(90)], "50", "without a sign"),
    "times": ([f"{5 + row % 9}:30" for row in range(90)], "5.5", "and no time"),
    "a missing one": ([*(f"{row},5" for row in range(9)), ""], "0.5", "with a decimal point"),
}


@pytest.mark.parametrize(("cells", "written", "wanted"), OTHERWISE.values(), ids=OTHERWISE)
def test_numbers_to_predict_in_another_form_are_no_classes(
    csv: Make, cells: Sequence[str], written: str, wanted: str
) -> None:
    found = mistake(csv(predicted(cells), delimiter=";"))
    assert found.code == "E0406"
    assert wanted in found.label
    assert found.helps[0].startswith("write `")
    assert 'add `task="classification"`' in found.helps[-1]
    stated = csv(predicted(cells[:9]), delimiter=";", task="classification", test=0.5)
    assert stated.describe().classes


CLASSES = {
    "doses": ["0.5 mg", "1 mg", "2 mg"] * 5,
    "school classes": ["3a", "3b", "4a", "4b", "10c"],
    "places": ["1st", "2nd", "3rd"] * 4,
    "many places": [f"{place}th" for place in range(4, 14)] * 4,
    "few times": ["9:00", "12:30", "18:00"] * 6,
    "few thousands": ["1,000", "2,000"] * 5,
    "versions": ["1.2.3", "1.2.4"] * 4,
    "mostly names": ["5 cm", "6 cm", "short", "long"] * 4,
    "seats": [f"{row}{letter}" for row in range(20) for letter in "ABCDEF"],
    "names with digits": [f"species {row}" for row in range(40)],
}


@pytest.mark.parametrize("cells", CLASSES.values(), ids=CLASSES)
def test_classes_may_look_like_numbers_with_a_unit(csv: Make, cells: Sequence[str]) -> None:
    data = csv(predicted(cells), delimiter=";", test=0.5)
    assert data.describe().classes == tuple(sorted({*cells}))


@pytest.mark.parametrize(
    ("cells", "written"),
    [
        (["97,400", "950", "1,200"], "97400"),
        (["$97,400", "$1,200,000", "$950,000", "$1,500", "$2,500", "$3,000"], "97400"),
        (["97,400 km", "1,200 km", "1,300 km", "1,400 km", "1,500 km", "1,600 km"], "97400"),
    ],
)
def test_commas_before_three_digits_in_all_cells_of_a_column_group_digits(
    csv: Make, cells: Sequence[str], written: str
) -> None:
    text = "a,y\n" + "".join(f'"{cell}",{row}.5\n' for row, cell in enumerate(cells))
    found = mistake(csv(text))
    assert found.helps[0].startswith(f"write `{written}`")
    assert len(found.helps) == 1
    target = "a,y\n" + "".join(f'{row},"{cell}"\n' for row, cell in enumerate(cells))
    found = mistake(csv(target, task="regression"))
    assert found.helps[0].startswith(f"write `{written}`")
    assert not any("replace every" in help for help in found.helps)
    other = cells[0].replace("97,400", "9,75")
    mixed = mistake(csv(text + f'"{other}",3.5\n'))
    assert f"write `{written}`" not in mixed.helps[0] or "or `" in mixed.helps[0]


def test_decimal_commas_of_inputs_and_target_are_one_message_with_a_way_to_mend_all(
    csv: Make,
) -> None:
    rows = "".join(f"{row},5;{row};{row},25\n" for row in range(9))
    found = mistake(csv("a;b;y\n" + rows, delimiter=";"))
    assert found.title == "2 columns have cells that cannot be used as numbers"
    assert [note.partition(":")[0] for note in found.notes] == ["`a`", "`y`"]
    assert found.helps == (
        "write `0.5`, and so on in all these columns",
        "or replace every `,` of the file by `.`",
    )
    alone = mistake(csv("a;b;y\n" + rows, delimiter=";", ignore=("a",)))
    assert alone.title == "column `y` holds no number that can be used"
    assert alone.helps[1] == found.helps[1]


def test_units_of_inputs_and_commas_of_the_target_are_two_messages(csv: Make) -> None:
    text = "a;y\n" + "".join(f"{row} cm;{row},25\n" for row in range(9))
    with pytest.raises(NetError) as raised:
        csv(text, delimiter=";").describe()
    wanted = {found.label for found in raised.value.diagnostics}
    assert wanted == {
        "takes a number without a unit",
        "takes a number with a decimal point, and no commas",
    }
