"""Models trained side by side, each in a process of its own with one thread; none of them outlives who started them."""

import os
import signal
from collections.abc import Callable, Sequence
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from queue import Empty
from threading import Thread
from typing import Any

from triaxis.errors import TriaxisError
from triaxis.lab.zoo.training import Job, make

WAIT_SECONDS = 0.5
TOLD_EVERY = 5
"""Steps between two messages of a worker."""

Moved = Callable[[int], None]


def make_all(jobs: Sequence[Job], moved: Moved) -> None:
    """Makes the models of all `jobs` at once; `moved(steps)` tells the steps done by all of them together.

    Raises `TriaxisError` when one of them fails. Whatever happens, no worker is left.
    """
    context = get_context("spawn")
    messages = context.Queue()
    workers = [context.Process(target=_work, args=(job, messages), daemon=True) for job in jobs]
    try:
        for worker in workers:
            worker.start()
        _follow(jobs, workers, messages, moved)
    finally:
        for worker in workers:
            if worker.pid is not None:
                worker.terminate()
                worker.join()


def _follow(jobs: Sequence[Job], workers: Sequence[BaseProcess], messages: Any, moved: Moved) -> None:
    steps = dict.fromkeys((job.recipe.name for job in jobs), 0)
    while any(worker.is_alive() for worker in workers):
        try:
            name, step = messages.get(timeout=WAIT_SECONDS)
        except Empty:
            _refuse_failed(jobs, workers)
            continue
        if isinstance(step, str):
            raise TriaxisError(f"{name} could not be made: {step}")
        steps[name] = step
        moved(sum(steps.values()))
    _refuse_failed(jobs, workers)
    moved(sum(job.recipe.steps for job in jobs))


def _refuse_failed(jobs: Sequence[Job], workers: Sequence[BaseProcess]) -> None:
    for job, worker in zip(jobs, workers, strict=True):
        if worker.exitcode:
            raise TriaxisError(
                f"the process that made {job.recipe.name} ended with exit code {worker.exitcode}; what it said stands above; "
                "type the command again to go on from its last checkpoint"
            )


def _work(job: Job, messages: Any) -> None:
    """Runs in the worker. Ctrl-C is for the parent, which ends its workers; a parent that was killed outright ends them too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    Thread(target=_end_with_parent, daemon=True).start()

    def moved(step: int) -> None:
        if step % TOLD_EVERY == 0 or step == job.recipe.steps:
            messages.put((job.recipe.name, step))

    try:
        make(job, moved)
    except (TriaxisError, OSError) as error:
        messages.put((job.recipe.name, str(error)))


def _end_with_parent() -> None:
    """Ends this process as soon as its parent is gone: nobody else would, and a second run would meet it in the same folder."""
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)
