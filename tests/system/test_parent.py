"""A process ends with the one that started it, though that is killed."""

from __future__ import annotations

import subprocess
import sys

CHILD = """
import sys, time
from netlang.system.parent import end_with_parent
end_with_parent(int(sys.argv[1]))
print("there", flush=True)
time.sleep(60)
"""
PARENT = f"""
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {CHILD!r}, str(os.getpid())])
time.sleep(60)
"""


def test_a_process_ends_with_one_that_is_killed() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "there\n"
        parent.kill()
        parent.communicate(timeout=20)  # until the other one has closed its output
