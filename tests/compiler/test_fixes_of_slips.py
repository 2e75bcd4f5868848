"""Fixes of files that slips of all kinds were made in: none makes a file worse than it was."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from zlib import crc32

import pytest

from netlang.compiler.fixes import mended
from netlang.compiler.ir import Program, compare
from netlang.compiler.passes import compile_source
from netlang.compiler.passes.compile import Compilation
from netlang.language.source import SourceFile
from tests.diagnostics import is_mended
from tests.mutations import FILES, mutants


@cache
def compiled(source: SourceFile) -> Compilation:
    return compile_source(source, blocks_ok=True)


def same(one: Program | None, other: Program | None) -> bool:
    return one is other or (one is not None and other is not None and not compare(one, other))


def hold_fixes_against_their_promise(seed: int, files: Sequence[Path], count: int) -> None:
    """Nothing new is reported but warnings behind errors, valid files keep their meaning, and next
    to no other is found.
    """
    kept = other_meanings = 0
    for original, slipped in mutants(seed, files, count):
        better, made = mended(slipped, compiled)
        before, after = compiled(slipped), compiled(better)
        kept += made
        assert is_mended(before.diagnostics, after.diagnostics, made), (slipped.text, better.text)
        assert (better.text != slipped.text) == (made > 0)
        settings = [one for one in before.diagnostics if one.code == "W0601" and one.fixes]
        if before.ok and not settings:
            assert same(before.program, after.program), (slipped.text, better.text)
        if not before.ok and not settings and after.program and compiled(original).program:
            other_meanings += not same(compiled(original).program, after.program)
    assert kept
    assert other_meanings <= kept / 50


def test_a_fix_brings_no_mistake_and_keeps_the_meaning_of_a_valid_file() -> None:
    # A third of all files, which stays the same when another joins them.
    files = [path for path in FILES if crc32(path.name.encode()) % 3 == 1]
    hold_fixes_against_their_promise(seed=0, files=files, count=1)


@pytest.mark.slow
def test_no_fix_of_many_makes_a_file_worse() -> None:
    hold_fixes_against_their_promise(seed=2, files=FILES, count=3)
