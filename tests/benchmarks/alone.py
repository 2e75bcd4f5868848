"""One contestant in a process of its own: the time to its first step, and the memory it takes.

    python -m tests.benchmarks.alone first-step native model2/10
    python -m tests.benchmarks.alone memory JAX classifier/128

Both print one number, of seconds or of bytes; nan where it cannot train that.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.contestants import BY_NAME, CannotTake, Contestant
from tests.benchmarks.measure import seconds_of
from tests.benchmarks.workloads import BY_KEY, Workload, classifier, lenet

ROOT = Path(__file__).parents[2]
STEPS = 20  # of training, at least, whose memory is taken, in two epochs or more
NO_CACHE = {"TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1"}  # what is compiled is compiled anew


def first_step(contestant: Contestant, workload: Workload) -> float:
    """Seconds from the source to the end of the first step, compilation included.

    The process is warm: it has trained another network by the same means.
    """
    others = classifier(batch=4, inputs=4, width=4, samples=4), lenet(batch=4, samples=4)
    contestant.trainer(next(filter(contestant.takes, others))).train(1)
    one = workload.one_step()
    return seconds_of(lambda: contestant.trainer(one).train(1))


def memory(contestant: Contestant, workload: Workload) -> float:
    """The most bytes that the process has had in memory at once."""
    contestant.trainer(workload).train(max(2, -(-STEPS // workload.steps)))
    return resident_peak()


def resident_peak() -> int:
    """By the kernel's own count of this process; ``getrusage`` would count its parent's, too."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise OSError("this system does not tell a process's peak memory")


QUESTIONS: dict[str, Callable[[Contestant, Workload], float]] = {
    "first-step": first_step,
    "memory": memory,
}


def ask(question: str, contestant: Contestant, workload: Workload) -> float:
    """The answer of a new process."""
    arguments = (question, contestant.name, workload.key)
    return answer("-m", "tests.benchmarks.alone", *arguments)


def memory_of_import(package: str) -> float:
    """What a process has that imports ``package`` and does nothing."""
    program = f"import {package}\nfrom tests.benchmarks.alone import resident_peak"
    return answer("-c", f"{program}\nprint(resident_peak())")


def answer(*arguments: str) -> float:
    command = [sys.executable, "-W", "ignore", *arguments]
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | NO_CACHE | {"XDG_CACHE_HOME": cache}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr}")
    return float(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    asked, name, key = sys.argv[1:]
    try:
        print(QUESTIONS[asked](BY_NAME[name], BY_KEY[key]))
    except CannotTake as reason:
        print(reason, math.nan, sep="\n")
