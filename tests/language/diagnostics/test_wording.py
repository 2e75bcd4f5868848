"""Lists and plurals of messages."""

from __future__ import annotations

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics.wording import counted, listed
from netlang.language.source import SourceFile


def test_a_list_says_how_many_more_there_are() -> None:
    assert listed("a") == "a"
    assert listed("abc") == "a, b and c"
    assert listed("abc", most=3) == "a, b and c"
    assert listed("abcd", most=3) == "a, b, c and 1 more"
    assert listed(map(str, range(2000)), most=1) == "0 and 1,999 more"


def test_one_is_singular_and_none_is_plural() -> None:
    assert [counted(count, "row") for count in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
    assert counted(2, "class", "classes") == "2 classes"


def test_a_circle_of_many_definitions_is_cut_where_it_says_so() -> None:
    names = "abcdefghij"
    text = "net = Linear(a, 2)\n" + "".join(map("{} = {}\n".format, names, names[1:] + "a"))
    (found,) = compile_source(SourceFile("a.net", text)).diagnostics
    assert found.title.endswith(": a -> b -> c -> d -> e -> f -> g -> h -> ... -> a")
    assert "h -> a" not in found.title
