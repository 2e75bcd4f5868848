"""The tables of words, held against the grammar."""

from __future__ import annotations

import re

from netlang.language.syntax.lexis import DEFINITION, HEADS, KEYWORDS
from netlang.system import shipped

GRAMMAR = re.sub("//.*", "", shipped.folder("grammars").joinpath("netlang.lark").read_text())


def test_the_keywords_are_the_words_of_the_grammar() -> None:
    assert set(re.findall('"([a-z_]+)"', GRAMMAR)) == KEYWORDS


def test_the_heads_are_the_words_that_statements_begin_with() -> None:
    assert set(re.findall('^[a-z_]+: "([a-z]+)"', GRAMMAR, re.MULTILINE)) == {*HEADS}


def test_each_head_begins_a_statement() -> None:
    for head, behind in HEADS.items():
        follows = '"' if behind == '"' else "name"
        assert DEFINITION.match(f"{head} {follows}")
        assert not DEFINITION.match(f"{head} -> ReLU")
