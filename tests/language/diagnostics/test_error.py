"""How an error looks that carries diagnostics."""

from __future__ import annotations

import re

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.language.source import SourceFile


def test_ipython_is_told_to_show_the_messages_in_colour_in_place_of_a_traceback() -> None:
    with pytest.raises(NetError) as caught:
        compile_source(SourceFile("a.net", "net = Linear(2, 3) -> Liner(3, 1)")).require()
    shown = "\n".join(caught.value._render_traceback_())
    assert shown.startswith("\x1b[31m\x1b[1merror[E02")
    assert re.sub(r"\x1b\[\d+m", "", shown) == str(caught.value)
