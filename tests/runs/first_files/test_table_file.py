"""First files for tables: of any table, the file checks without a warning, and is trained."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.language.source import SourceFile
from netlang.language.syntax.format import format_source
from netlang.runs.first_files.columns import found_table, likely_target
from netlang.runs.first_files.first_file import first_file
from netlang.runs.first_files.place import Place, place_of
from netlang.runs.training.events import Finished
from netlang.runs.training.training import Training

Cells = Callable[[random.Random, int], list[str]]
FILES = Path(__file__).parent
WORDS = ("old", "mill", "river", "past", "the", "sea", "turns", "and", "again", "runs")


def _numbers(draw: random.Random, rows: int) -> list[str]:
    scale = 10 ** draw.randint(-3, 6)
    return [f"{draw.gauss(3, 1) * scale:.6g}" for _ in range(rows)]


def _counts(draw: random.Random, rows: int) -> list[str]:
    return [str(draw.randint(0, draw.choice((1, 4, 900)))) for _ in range(rows)]


def _categories(draw: random.Random, rows: int) -> list[str]:
    names = ["Berlin", 'St. "Paul"', "a,b", "x;y", "Ö l", "none", "+", "-"][: draw.randint(2, 8)]
    return [draw.choice(names) for _ in range(rows)]


def _truths(draw: random.Random, rows: int) -> list[str]:
    return [draw.choice(("true", "False")) for _ in range(rows)]


def _dates(draw: random.Random, rows: int) -> list[str]:
    return [f"20{draw.randint(10, 24)}-{draw.randint(1, 12):02}-07" for _ in range(rows)]


def _texts(draw: random.Random, rows: int) -> list[str]:
    return [" ".join(draw.choices(WORDS, k=draw.randint(7, 20))) for _ in range(rows)]


def _names(draw: random.Random, rows: int) -> list[str]:
    return [f"{draw.getrandbits(48):x}z" for _ in range(rows)]


def _row_numbers(draw: random.Random, rows: int) -> list[str]:
    return [str(one) for one in range(1, rows + 1)]


def _constant(draw: random.Random, rows: int) -> list[str]:
    return ["7"] * rows


def _empty(draw: random.Random, rows: int) -> list[str]:
    return [draw.choice(("", "NA")) for _ in range(rows)]


def _mistyped(draw: random.Random, rows: int) -> list[str]:
    return ["5 cm", *(f"{draw.random():.3f}" for _ in range(rows - 1))]


LEARNED: tuple[Cells, ...] = (_numbers, _counts, _categories, _truths)
OTHERS: tuple[Cells, ...] = (_dates, _texts, _names, _row_numbers, _constant, _empty, _mistyped)


def _with_gaps(cells: list[str], draw: random.Random) -> list[str]:
    return [draw.choice(("", "NA", "?")) if draw.random() < 0.1 else cell for cell in cells]


def _table(draw: random.Random) -> tuple[str, str, str]:
    """The text of a table, what is to be predicted, and what stands between cells."""
    rows = draw.choice((6, 25, 60, 150))
    kinds = [*draw.choices(LEARNED, k=draw.randint(1, 4)), *draw.choices(OTHERS, k=3)]
    columns = {f"{kind.__name__} {place}": kind(draw, rows) for place, kind in enumerate(kinds)}
    columns = {
        name: _with_gaps(cells, draw) if draw.random() < 0.3 else cells
        for name, cells in columns.items()
    }
    target = draw.choice((_numbers, _counts, _categories, _truths))(draw, rows)
    columns["the target"] = _with_gaps(target, draw) if draw.random() < 0.2 else target
    names = [*columns]
    draw.shuffle(names)
    sign = draw.choice(",,,;\t|")
    written = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in columns[n]] for n in names]
    lines = [sign.join(row) for row in zip(*written, strict=True)]
    return "\n".join((sign.join(names), *lines)) + "\n", "the target", sign


def _a_file_for_each(seeds: range, folder: Path) -> None:
    refusals = set()
    for seed in seeds:
        text, target, _ = _table(random.Random(seed))
        table = folder / f"{seed}.csv"
        table.write_text(text)
        try:
            source = first_file(Place(table, folder / f"{seed}.net"), target)
        except NetError as error:
            refusals |= {one.code for one in error.diagnostics}
            continue
        found = compile_source(source, to_run=True)
        assert not found.diagnostics, (seed, [one.title for one in found.diagnostics])
        assert format_source(source) == source.text
        short = compile_source(source, ["epochs=2"], to_run=True)
        *_, last = Training(short.require()).events()
        assert isinstance(last, Finished)
    assert refusals <= {"E0458"}  # of what only an owner can mend


def test_the_file_for_any_table_checks_without_a_warning_and_is_trained(tmp_path: Path) -> None:
    _a_file_for_each(range(3), tmp_path)


@pytest.mark.slow
def test_the_files_for_many_tables_check_without_a_warning_and_are_trained(tmp_path: Path) -> None:
    _a_file_for_each(range(100, 160), tmp_path)


HOUSES = (FILES / "houses.csv").read_text()


def _file_for(text: str, target: str | None, folder: Path, name: str = "houses.csv") -> SourceFile:
    (folder / name).write_text(text)
    return first_file(Place(folder / name, folder / "houses.net"), target)


def test_comments_say_what_is_in_each_column_and_why_some_are_left_out(tmp_path: Path) -> None:
    assert _file_for(HOUSES, "price", tmp_path).text == (FILES / "houses.net").read_text()


def test_a_table_of_texts_alone_is_learned_from_by_its_words(tmp_path: Path) -> None:
    draw = random.Random(0)
    rows = zip(_texts(draw, 40), _truths(draw, 40), strict=True)
    text = "said,good\n" + "".join(f"{said},{good}\n" for said, good in rows)
    found = _file_for(text, "good", tmp_path).text
    assert 'text="said"' in found
    assert "net = Embedding(_, 32) -> LSTM" in found


def test_a_table_of_tabs_need_not_be_told_so(tmp_path: Path) -> None:
    text = "a\ty\n" + "".join(f"{n}\t{n * n % 7 / 2}\n" for n in range(30))
    assert "delimiter" not in _file_for(text, "y", tmp_path, "houses.tsv").text
    assert 'delimiter="\\t"' in _file_for(text, "y", tmp_path, "houses.csv").text


def test_few_rows_are_all_to_learn_from(tmp_path: Path) -> None:
    found = _file_for("a,y\n1,2.5\n2,4.5\n", "y", tmp_path).text
    assert "test=0" in found
    assert "validation" not in found


def test_rare_classes_may_count_as_much_as_frequent_ones(tmp_path: Path) -> None:
    rows = "".join(f"{n},{n * n % 17},{'yes' if n % 12 == 0 else 'no'}\n" for n in range(1, 97))
    found = _file_for("a,b,y\n" + rows, "y", tmp_path).text
    assert '    # weights="balanced",' in found
    assert "# expect test.accuracy > 0.92  # more than to say always `no`" in found


def test_a_column_of_which_one_number_tells_the_class_is_asked_about(tmp_path: Path) -> None:
    prices = [n * 37 % 101 for n in range(60)]
    rows = [f"{n % 7},{price},{'yes' if price > 50 else 'no'}\n" for n, price in enumerate(prices)]
    asked = "leave out `price`? It alone tells all: `no` up to 50, `yes` from 52\n"
    assert asked in _file_for("rooms,price,sold\n" + "".join(rows), "sold", tmp_path).text
    rows[0] = "0,99,no\n"
    text = _file_for("rooms,price,sold\n" + "".join(rows), "sold", tmp_path).text
    assert "did you mean" not in text


def test_no_file_expects_more_than_all_samples_to_be_right(tmp_path: Path) -> None:
    rows = "".join(f"{n * n % 99991},{'yes' if n % 250 == 0 else 'no'}\n" for n in range(1, 1001))
    found = _file_for("a,y\n" + rows, "y", tmp_path).text
    assert "# expect test.accuracy > 0.996  # more than to say always `no`" in found


@pytest.mark.parametrize(
    ("header", "likely"),
    [
        ("a,b,c", "c"),
        ("a,label,c", "label"),
        ("a,Target,id", "Target"),
        ("x,y,z", "z"),
        ("a,b,id", "b"),
    ],
)
def test_the_likely_target_is_called_so_or_is_the_last_that_can_be(
    tmp_path: Path, header: str, likely: str
) -> None:
    table = tmp_path / "a.csv"
    rows = "".join(f"{n % 3},{n % 2 + 4},{n}\n" for n in range(1, 30))
    table.write_text(f"{header}\n{rows}")
    found = likely_target(found_table(str(table)).columns)
    assert found
    assert found.name == likely


def test_numbers_with_a_sign_are_to_be_written_without_it(tmp_path: Path) -> None:
    rows = "".join(f"{n % 5},{n / 8}%\n" for n in range(30))
    with pytest.raises(NetError) as raised:
        _file_for(f"a,share\n{rows}", "share", tmp_path)
    (found,) = raised.value.diagnostics
    assert found.title.endswith("holds `0.0%`, which is no plain number: write `0.0` alone")
    assert found.helps == ("write plain numbers in `share`, and no sign, unit or comma",)


@pytest.mark.parametrize(
    ("column", "why"),
    [("id", "names rows"), ("sold", "holds dates"), ("about", "holds texts in words")],
)
def test_a_column_that_nobody_can_predict_is_refused(tmp_path: Path, column: str, why: str) -> None:
    with pytest.raises(NetError) as raised:
        _file_for(HOUSES, column, tmp_path)
    assert why in raised.value.diagnostics[0].title


def test_the_file_for_a_table_in_this_folder_is_written_here_and_else_beside_it(
    tmp_path: Path,
) -> None:
    here = place_of(Path("below/houses.csv.gz"))
    assert (str(here.file), here.named) == ("houses.net", "below/houses.csv.gz")
    there = place_of(tmp_path.parent / "houses.tsv")
    assert (there.file, there.named) == (tmp_path.parent / "houses.net", "houses.tsv")
    assert there.is_allowed
    assert not Place(tmp_path / "a.csv", tmp_path / "below" / "a.net").is_allowed


def test_control_characters_of_a_table_stay_out_of_comments(tmp_path: Path) -> None:
    rows = "".join(f"{n},x{n % 2}\n" for n in range(40))
    found = _file_for('"a\nb","y\x1b[31m"\n' + rows, "y\x1b[31m", tmp_path)
    assert "\x1b" not in "".join(line for line in found.text.splitlines() if line[:1] == "#")
    assert compile_source(found, to_run=True).ok
