"""Tests that need a C compiler are skipped where there is none."""

from __future__ import annotations

import pytest

from netlang.backends.native import NoLibrary
from netlang.backends.native.compiler import Compiler, find_compiler


@pytest.fixture
def compiler() -> Compiler:
    try:
        return find_compiler()
    except NoLibrary as reason:
        pytest.skip(str(reason))
