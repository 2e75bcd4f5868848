"""The same number of threads for everyone. It has to be said before torch or JAX is imported.

Each library has a variable of its own for it; JAX makes as many threads as the process may use
processors, so the process is held to as many.
"""

from __future__ import annotations

import os


def limit(threads: int) -> None:
    """Hold this process, and those that it starts, to ``threads`` threads."""
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = str(threads)
    if threads == 1:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
