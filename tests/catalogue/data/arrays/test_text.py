"""A text becomes samples of tokens that follow each other, and the next one is to be predicted."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from netlang.catalogue.data import Text, TextPipeline
from netlang.catalogue.data.pipeline import Pipeline
from tests.catalogue.data.arrays.files import refusal


def text(folder: Path, content: str | bytes, **arguments: object) -> Text:
    file = folder / "t.txt"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return Text(str(file), **arguments)


def test_the_target_at_each_place_is_the_symbol_that_comes_next(tmp_path: Path) -> None:
    data = text(tmp_path, "hello world", context=5, test=0)
    split = data.load()
    assert isinstance(split.pipeline, TextPipeline)
    pairs = zip(split.train.inputs.long().tolist(), split.train.targets.tolist(), strict=True)
    said = [(split.pipeline.text(x), split.pipeline.text(t)) for x, t in pairs]
    assert said == [("hello", "ello "), (" worl", "world")]
    found = data.describe()
    assert str(found.input) == "[N, 5] of 8 tokens"
    assert found.target_shape == (5,)
    assert found.classes == ("space", "d", "e", "h", "l", "o", "r", "w")
    assert split.train.inputs.dtype == torch.get_default_dtype()


def test_the_end_of_the_text_is_the_test_and_what_is_before_it_the_validation(
    tmp_path: Path,
) -> None:
    content = "".join(map(chr, range(0x100, 0x164)))
    split = text(tmp_path, content, context=4, test=0.2, validation=0.1).load()
    assert split.validation
    assert split.test
    assert split.train.inputs[0].tolist() == [0, 1, 2, 3]
    assert split.train.targets.max() == 68  # 69 would be the 70th, which no whole sample reaches
    assert split.validation.inputs[0, 0] == 70
    assert split.validation.targets.max() == 78
    assert split.test.inputs[0, 0] == 80
    assert split.test.targets.max() == 96


def test_samples_to_learn_from_may_lie_over_each_other(tmp_path: Path) -> None:
    data = text(tmp_path, "abcdefghij" * 2, context=4, stride=1, test=0.5)
    split, found = data.load(), data.describe()
    assert (found.train, found.test) == (6, 2) == (len(split.train), len(split.test or ()))
    assert split.train.inputs[:, 0].tolist() == [0, 1, 2, 3, 4, 5]


def test_bytes_are_256_tokens_whatever_the_text_is(tmp_path: Path) -> None:
    split = text(tmp_path, b"\xff\x00a", context=1, by="bytes", test=0).load()
    assert split.train.inputs.tolist() == [[255], [0]]
    assert split.train.targets.tolist() == [[0], [97]]
    assert split.pipeline
    assert split.pipeline.classes
    assert split.pipeline.classes[97] == "a"
    assert split.pipeline.classes[255] == "\\xff"
    assert len({*split.pipeline.classes}) == 256


@pytest.mark.parametrize("by", ["characters", "bytes"])
def test_a_pipeline_says_text_in_tokens_and_is_kept_as_json(by: str, tmp_path: Path) -> None:
    pipeline = text(tmp_path, "Grüße,\n\t\\n", context=3, by=by, test=0).pipeline
    assert pipeline.text(pipeline.tokens("üße\n")) == "üße\n"
    assert Pipeline.from_json(pipeline.to_json()) == pipeline
    assert len({*pipeline.classes}) == len(pipeline.symbols)


def test_a_character_that_training_did_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="trained on has no 'z'"):
        text(tmp_path, "abcabc", context=2, test=0).pipeline.tokens("abz")


@pytest.mark.parametrize(
    "data",
    [
        {"text": "characters", "context": 3, "symbols": ["b", "a"]},
        {"text": "characters", "context": 3, "symbols": ["a", "bc"]},
        {"text": "characters", "context": 0, "symbols": ["a", "b"]},
        {"text": "bytes", "context": 3, "symbols": ["a"]},
        {"text": "words", "context": 3, "symbols": []},
    ],
)
def test_what_no_text_pipeline_wrote_is_none(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no pipeline"):
        Pipeline.from_json(data)


@pytest.mark.parametrize(
    ("content", "arguments", "said", "help"),
    [
        (b"one\ntw\xe4\n", {}, "line 2 is no UTF-8: it has a byte 0xe4", 'by="bytes"'),
        ("aaaa", {"context": 1}, "it holds nothing but 'a'", "a text to learn from"),
        (
            "abcabc",
            {"context": 6, "test": 0},
            "6 characters to learn from make no sample of 6 and what comes next",
            "a longer text",
        ),
        (
            "abcabc",
            {"context": 3, "by": "bytes", "test": 0.2},
            "1 byte to test on makes no sample of 3 and what comes next",
            "a larger share for `test`",
        ),
    ],
)
def test_a_text_that_is_of_no_use_is_refused(
    content: str | bytes, arguments: dict[str, object], said: str, help: str, tmp_path: Path
) -> None:
    found = refusal(text(tmp_path, content, **arguments))
    assert said in found.title
    assert help in str(found.message().helps)


def test_a_mark_of_the_byte_order_is_no_character(tmp_path: Path) -> None:
    assert text(tmp_path, b"\xef\xbb\xbfabc", context=1, test=0).text == "abc"
