"""HTML is made of parts, and whatever is no HTML is text in it."""

from __future__ import annotations

import base64
import re

from netlang.api.notebook.highlighting import source_html
from netlang.api.notebook.markup import folded, joined, page, picture, table, tag

EVIL = "<script>alert('&')</script>"


def test_all_text_is_escaped_and_what_is_html_already_is_not_escaped_again() -> None:
    inner = tag("b", EVIL)
    assert inner == "<b>&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;</b>"
    assert tag("p", inner, class_='"x') == f'<p class="&quot;x">{inner}</p>'
    assert joined(inner, "<") == f"{inner}&lt;"
    assert EVIL not in folded(EVIL, EVIL) + table([EVIL], [[EVIL]], sums=[EVIL])


def test_the_columns_of_numbers_are_flush_right() -> None:
    made = table(("name", "n"), [("a", "1")], numbers={1}, sums=("", "1"))
    assert made.count('class="number"') == 3


def test_a_picture_is_whole_in_its_element_and_says_what_it_shows() -> None:
    made = picture("<svg>ü</svg>", 'a "b"', "curves")
    assert 'alt="a &quot;b&quot;"' in made
    found = re.search(r"base64,([^\"]+)\"", made)
    assert found
    assert base64.b64decode(found[1]).decode() == "<svg>ü</svg>"


def test_a_page_has_the_style_once_no_script_and_nothing_from_elsewhere() -> None:
    made = page(tag("p", "a"))
    assert type(made) is str
    assert made.count("<style>") == 1
    assert made.endswith("</style><p>a</p></div>")
    assert not re.search(r"<script|@import|url\(|https?:", made)


def test_every_rule_of_the_style_is_about_what_netlang_shows_alone() -> None:
    style = re.sub(r"/\*.*?\*/", "", page(), flags=re.DOTALL)
    selectors = re.findall(r"(?:^|\}|<style>)\s*([^{}<>]+)\{", style)
    assert len(selectors) > 20
    assert [one for one in ",".join(selectors).split(",") if ".netlang" not in one] == []


def test_words_of_the_language_have_their_colours_and_the_text_stays_as_it_is() -> None:
    text = 'net = Linear(2, 25) -> ReLU  # a < b\nexpect test.loss < 1e-3\nstart = "a.safetensors"'
    made = source_html(text)
    for kind, word in (
        ("item", "Linear"),
        ("item", "ReLU"),
        ("figure", "25"),
        ("comment", "# a &lt; b"),
        ("keyword", "expect"),
        ("string", "&quot;a.safetensors&quot;"),
    ):
        assert f'<span class="{kind}">{word}</span>' in made
    plain = re.sub("<[^>]*>", "", made)
    assert plain.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"') == text
