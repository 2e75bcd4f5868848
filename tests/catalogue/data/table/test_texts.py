"""A column of texts becomes sequences of tokens, by what the texts of the training rows teach."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import polars
import pytest
import torch

from netlang.catalogue.data import Pipeline, Table
from netlang.catalogue.data.columns.texts import Symbols, symbols_of
from netlang.catalogue.data.pipeline import Texts
from netlang.language.diagnostics import NetError

ROWS = [
    "what a good film, good",
    "what a bad film, bad",
    "a good end, good",
    "a bad end, bad",
    "It is GOOD, good",
    "it is bad, bad",
]


def table(folder: Path, rows: list[str] = ROWS, **arguments: Any) -> Table:
    (folder / "t.csv").write_text("\n".join(["review,mood", *rows]))
    found: Any = {"target": "mood", "text": "review", "test": 0.0} | arguments
    return Table(folder / "t.csv", **found)


def encoder(data: Table, seed: int = 0) -> Texts:
    pipeline = data.load(seed).pipeline
    assert isinstance(pipeline, Pipeline)
    (found,) = pipeline.encoders
    assert isinstance(found, Texts)
    return found


@pytest.mark.parametrize(
    ("by", "symbols"),
    [
        ("words", ["it's", "good", ",", "isn’t", "it", "?"]),
        ("characters", list("It's GOOD, isn’t it?")),
        ("bytes", list("It's GOOD, isn\xe2\x80\x99t it?")),
    ],
)
def test_symbols_are_words_in_small_letters_characters_or_bytes(
    by: str, symbols: list[str]
) -> None:
    assert symbols_of("It's GOOD, isn’t it?", by) == symbols


def known(*texts: str, most: int = 9) -> tuple[str, ...]:
    return Symbols.of({"a": Counter(texts)}, "words", most).known


def test_words_are_known_that_several_rows_have_the_most_frequent_first() -> None:
    texts = ["c b a", "b a", "b b once once", "c d"]
    assert known(*texts) == ("a", "b", "c")
    assert known(*texts, most=2) == ("a", "b")
    assert known("all red", "all red", "all blue", "all blue", "none") == ("all", "blue", "red")


def test_columns_of_texts_have_the_same_tokens(tmp_path: Path) -> None:
    rows = [f"{text},{'end' if i % 2 else 'so good'},{i % 2}" for i, text in enumerate("abab")]
    (tmp_path / "t.csv").write_text("\n".join(["question,answer,right", *rows]))
    texts = ("question", "answer")
    data = Table(tmp_path / "t.csv", target="right", text=texts, test=0.0)
    pipeline = data.load().pipeline
    assert isinstance(pipeline, Pipeline)
    one, other = pipeline.encoders
    assert isinstance(one, Texts)
    assert isinstance(other, Texts)
    assert one.symbols == other.symbols == ("a", "b", "end", "good", "so")
    assert (one.length, other.length) == (1, 2)
    # A word that no training row has in this column is token 0 in it.
    assert one.tokens(["b", "end"]).tolist() == [[2], [0]]
    assert other.tokens(["so so", "end"])[:, 0].tolist() == [5, 3]
    shapes = dict(data.describe().inputs)
    assert {shape.vocabulary for shape in shapes.values()} == {6}


def test_tokens_count_from_1_and_what_is_behind_a_text_is_padding(tmp_path: Path) -> None:
    data = table(tmp_path)
    assert str(data.describe().input) == "[N, 4] of 9 tokens with padding"
    known = encoder(data).symbols
    assert known == ("a", "bad", "end", "film", "good", "is", "it", "what")
    inputs, rows = data.load().train.inputs, data.load().rows["train"]
    first, fifth = (inputs[int((rows == row).nonzero())] for row in (1, 5))
    assert first.tolist() == [8, 1, 5, 4]
    assert fifth[:3].tolist() == [7, 6, 5]
    assert fifth[3:].isnan().all()


def test_a_symbol_that_no_training_row_has_is_token_0(tmp_path: Path) -> None:
    data = table(tmp_path, [*ROWS, "odd one, good", "odd two, bad"])
    one = encoder(data)
    assert one.tokens(["odd thing"])[0, :2].tolist() == [one.symbols.index("odd") + 1, 0]
    cut = table(tmp_path, test=0.5, by="characters")
    for seed in range(4):
        split, learned = cut.load(seed), encoder(cut, seed)
        assert split.test
        for symbol, is_learned in zip(learned.symbols, learned.learned, strict=True):
            token = learned.symbols.index(symbol) + 1
            assert bool((split.train.inputs == token).any()) == is_learned
            assert is_learned or not (split.test.inputs == token).any()


def test_context_is_the_most_tokens_of_a_text(tmp_path: Path) -> None:
    data = table(tmp_path, context=2)
    assert data.describe().input.sizes == (2,)
    assert data.load().train.inputs.shape == (6, 2)
    (warning,) = data.warnings()
    assert warning.code == "W0640"
    assert not [*table(tmp_path, context=4).warnings()]


def test_a_pipeline_of_texts_comes_back_from_json_and_takes_new_ones(tmp_path: Path) -> None:
    for by in ("words", "characters", "bytes"):
        pipeline = table(tmp_path, by=by).load().pipeline
        assert isinstance(pipeline, Pipeline)
        again = Pipeline.from_json(pipeline.to_json())
        assert again == pipeline
        assert isinstance(again, Pipeline)
        inputs = again.apply({"review": ["a good film", "A"]})
        assert inputs.isnan()[1].sum() == len(inputs[1]) - 1


@pytest.mark.parametrize(
    "changed",
    [{"by": "letters"}, {"length": 0}, {"symbols": ["a", "a"]}, {"learned": [True]}, {"more": 1}],
)
def test_another_json_is_refused(changed: dict[str, Any], tmp_path: Path) -> None:
    pipeline = table(tmp_path).load().pipeline
    assert isinstance(pipeline, Pipeline)
    data = pipeline.to_json()
    data["inputs"][0] |= changed
    if "more" in changed:
        del data["inputs"][0]["filled"]
    with pytest.raises(ValueError, match="no input of a pipeline"):
        Pipeline.from_json(data)


def test_an_empty_text_is_refused_dropped_or_one_token_0(tmp_path: Path) -> None:
    rows = ["what a good film, good", ",bad", *ROWS[1:]]
    with pytest.raises(NetError, match="lacks 1 of 7 cells"):
        table(tmp_path, rows).describe()
    assert table(tmp_path, rows, missing="drop").describe().train == 6
    filled = table(tmp_path, rows, missing="indicator").load()
    empty = filled.train.inputs[int((filled.rows["train"] == 2).nonzero())]
    assert empty[0] == 0
    assert empty[1:].isnan().all()


def test_words_that_mark_a_missing_number_are_texts(tmp_path: Path) -> None:
    data = table(tmp_path, [*ROWS, "none, bad", "?, good", "null, bad", "none ?, good"])
    assert data.describe().train == 10
    assert {"none", "?"} < {*encoder(data).symbols}


def test_texts_of_a_file_to_test_on_are_read_by_what_training_has_learned(tmp_path: Path) -> None:
    (tmp_path / "later.csv").write_text("review,mood\na good unknown film,good\nbad,bad\n")
    data = table(tmp_path, test=str(tmp_path / "later.csv"))
    test = data.load().test
    assert test
    assert test.inputs[0].tolist() == [1, 5, 0, 4]
    (tmp_path / "later.csv").write_text('review,mood\n"",good\nbad,bad\n')
    with pytest.raises(NetError, match="takes a text"):
        table(tmp_path, test=str(tmp_path / "later.csv")).describe()


def test_texts_beside_numbers_are_inputs_of_their_own_names(tmp_path: Path) -> None:
    rows = [f"{i}.5,{row}" for i, row in enumerate(ROWS)]
    (tmp_path / "t.csv").write_text("\n".join(["stars,review,mood", *rows]))
    data = Table(tmp_path / "t.csv", target="mood", text="review", test=0.0)
    places = {name: (begin, str(shape)) for name, (begin, shape) in data.describe().places.items()}
    assert places == {"stars": (0, "[N, 1]"), "review": (1, "[N, 4] of 9 tokens with padding")}
    inputs = data.load().train.inputs
    assert torch.equal(inputs[:, 1:].isnan(), table(tmp_path).load().train.inputs.isnan())


@pytest.mark.parametrize("ending", [".parquet", ".ndjson", ".arrow"])
def test_texts_in_other_files_are_the_same(ending: str, tmp_path: Path) -> None:
    of_text = table(tmp_path)
    frame = polars.read_csv(tmp_path / "t.csv")
    frame = frame.with_columns(polars.col("mood").str.strip_chars())
    write = {"parquet": frame.write_parquet, "ndjson": frame.write_ndjson, "arrow": frame.write_ipc}
    write[ending[1:]](tmp_path / f"t{ending}")
    other = Table(tmp_path / f"t{ending}", target="mood", text="review", test=0.0)
    ours, theirs = of_text.load(), other.load()
    assert ours.pipeline == theirs.pipeline
    assert torch.equal(ours.train.inputs.nan_to_num(-1), theirs.train.inputs.nan_to_num(-1))
