"""Memory that is freed stays, if it is asked for."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PAGES_TAKEN = """
import resource
import numpy
from netlang.system.allocation import keep_freed_memory

def taken():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        numpy.ones(5_000_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

anew = taken()
keep_freed_memory()
numpy.ones(5_000_000)
print(anew, taken())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it asks the C library of GNU")
def test_the_pages_of_an_array_are_those_of_the_one_before() -> None:
    done = subprocess.run([sys.executable, "-c", PAGES_TAKEN], capture_output=True, check=True)
    anew, again = map(int, done.stdout.split())
    assert again < anew / 10
