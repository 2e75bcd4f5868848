"""How many random examples a property is held by.

`tests/conftest.py` says which: the same ones in every run.
"""

from __future__ import annotations

import os

from hypothesis import Phase, settings


def compiled(count: int) -> settings:
    """Of examples that take seconds each. NETLANG_TIMES=10 tries ten times as many. One that fails
    is told as it is, as to find a smaller one would take many minutes.
    """
    count *= int(os.environ.get("NETLANG_TIMES", "1"))
    return settings(max_examples=count, phases=(Phase.explicit, Phase.reuse, Phase.generate))
