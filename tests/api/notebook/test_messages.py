"""Messages as HTML say what the command line says, and have the page about them."""

from __future__ import annotations

import html
import re

from netlang.api.notebook.messages import explained_html, message_html, messages_html
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.pages import codes, page
from netlang.language.diagnostics.rendering.text import render
from netlang.language.source import SourceFile
from tests.together import together


def found(text: str) -> tuple[Diagnostic, ...]:
    return compile_source(SourceFile("<a&b>.net", text)).diagnostics


def text_of(markup: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", markup))


def test_a_message_is_that_of_the_command_line_with_its_pieces_in_classes() -> None:
    (one,) = found("net = Linear(2, 25) -> ReLU\n   -> Linear(30, 2)")
    made = message_html(one)
    block, _, rest = made.partition("</pre>")
    assert text_of(block) == render(one)
    assert block.startswith('<pre class="message"><span class="error">error[E0301]</span>')
    assert '<span class="primary">^^^^^^^^^^^^^</span>' in block
    assert '<span class="secondary">-------------</span>' in block
    assert "&lt;a&amp;b&gt;.net" in block
    assert rest.startswith("<details><summary>E0301: more about it</summary>")


def test_what_somebody_wrote_is_never_html() -> None:
    (one, *_) = found("net = Linear(2, 3)\nb = <script>alert(1)</script> & \x02\x03\x1b")
    assert "<script" not in message_html(one)
    assert text_of(message_html(one).partition("</pre>")[0]) == render(one)


def test_warnings_are_marked_as_such_and_of_very_many_the_first_are_shown() -> None:
    many = found("net = Linear(2, 3)\n" + "".join(f"a{n} = 1\n" for n in range(25)))
    made = messages_html(many)
    assert made.count('<pre class="message warning">') == 20
    assert made.endswith('<p class="pale">... and 5 more</p>')


@together("code", codes()[::3])  # as all of them take a second
def test_the_page_of_each_code_is_all_there(code: str) -> None:
    _, _, text = page(code).text.partition("\n")
    shown = text_of("".join(explained_html(code)).replace("<", " <")).partition("about it")[2]
    without_fences = re.sub("^```.*", "", text, flags=re.MULTILINE)
    assert re.findall("[A-Za-z]{2,}", shown) == re.findall("[A-Za-z]{2,}", without_fences)
    assert "```" not in shown
