"""What tests of engines share: each of the two."""

from __future__ import annotations

import pytest

from netlang.engine import TensorEngine
from netlang.engine.native.engine import NativeEngine
from tests.engine.agreement import Kind


@pytest.fixture(params=[TensorEngine, NativeEngine], ids=["tensor", "native"])
def kind(request: pytest.FixtureRequest) -> Kind:
    if request.param is NativeEngine:
        request.getfixturevalue("compiler")
    found: Kind = request.param
    return found
