"""The user's own evaluation as a process: a command with the file's path in it, no shell, one number on standard output.

No text of the data ever stands in the command; only the path of a file of ours does. Whatever the process does to that file, how
much it prints, how long it takes and what it leaves running behind it, one evaluation ends as a number or as a reason.
"""

import json
import math
import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import orjson

from triaxis.errors import InputError, Undefined

PLACE = "{file}"
TAIL_BYTES = 1 << 18
"""How much of the end of standard output is kept: a score stands in its last lines."""

_CHUNK = 1 << 16
_GRACE_SECONDS = 1.0


def parse_command(template: str) -> tuple[str, ...]:
    """The words of `template`; `InputError` unless one of them holds {file}.

    >>> parse_command("python score.py --data '{file}'")
    ('python', 'score.py', '--data', '{file}')
    """
    try:
        words = tuple(shlex.split(template))
    except ValueError as error:
        raise InputError(f"expected a command for --eval, got {template!r} ({error}); check its quotes") from error
    if not any(PLACE in word for word in words):
        raise InputError(
            f"expected {PLACE} in the command of --eval, got {template!r}; type for example --eval 'python score.py {PLACE}'"
        )
    return words


class Processes:
    """The processes that run now, so that they can all be ended from another thread."""

    def __init__(self) -> None:
        self._live: set[subprocess.Popen[bytes]] = set()
        self._is_over = False
        self._lock = threading.Lock()

    def start(self, typed: Sequence[str]) -> "subprocess.Popen[bytes]":
        """A new process at the head of a group of its own; `Undefined` when it cannot be started."""
        with self._lock:
            if self._is_over:
                raise Undefined("was stopped")
            try:
                process = subprocess.Popen(
                    typed, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
                )
            except (OSError, ValueError) as error:
                raise Undefined(f"could not be started: {getattr(error, 'strerror', None) or error}") from error
            self._live.add(process)
        return process

    def end(self, process: "subprocess.Popen[bytes]") -> None:
        """Kills what is left of the group of `process`."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        with self._lock:
            self._live.discard(process)

    def stop(self) -> None:
        """Kills every group, and starts no more."""
        with self._lock:
            self._is_over = True
            live = list(self._live)
        for process in live:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)


def run_command(words: Sequence[str], file: Path, *, timeout: float, processes: Processes) -> str:
    """The end of what the command prints on standard output; `Undefined` with the reason when it does not end well.

    The process leads a group of its own, which is killed when the process ends or its time is up: nothing stays behind.
    """
    process = processes.start([word.replace(PLACE, str(file)) for word in words])
    try:
        said, complained = _Tail(process.stdout), _Tail(process.stderr)
        process.wait(timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Undefined(f"took longer than {timeout:g} s") from None
    finally:
        processes.end(process)
    printed = said.text()
    if process.returncode != 0:
        raise Undefined(_why(process.returncode, complained.text()))
    return printed


class _Tail:
    """The end of a stream, read in a thread so that a process never waits for us."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        self._kept = b""
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[bytes] | None) -> None:
        if stream is None:
            return
        with stream, suppress(ValueError, OSError):
            while part := os.read(stream.fileno(), _CHUNK):
                self._kept = (self._kept + part)[-TAIL_BYTES:]

    def text(self) -> str:
        """What was read; a descendant that left the group may hold the stream open, and is not waited for."""
        self._thread.join(_GRACE_SECONDS)
        return self._kept.decode("utf-8", "replace")


def _why(code: int, complained: str) -> str:
    last = next((line.strip() for line in reversed(complained.splitlines()) if line.strip()), "")
    ended = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return f"{ended}{': ' + last[:200] if last else ''}"


def parse_score(printed: str, *, key: str = "score") -> float:
    """The score in the last line of `printed` that is a number, or a JSON object with a number at `key` (a path a.b).

    Raises `Undefined` when there is no such line, or when the number is NaN or infinite.

    >>> parse_score("loading\\n{\\"score\\": 0.5}\\ndone")
    0.5
    """
    for line in reversed(printed.splitlines()):
        found = _number(line.strip(), key)
        if found is not None:
            if not math.isfinite(found):
                raise Undefined(f"the score is {found}")
            return found
    last = next((line.strip() for line in reversed(printed.splitlines()) if line.strip()), None)
    raise Undefined("printed nothing" if last is None else f"printed no score; the last line is {last[:80]!r}")


def _number(line: str, key: str) -> float | None:
    if line.startswith("{"):
        with suppress(orjson.JSONDecodeError):
            return _at(orjson.loads(line), key)
        with suppress(ValueError, OverflowError, RecursionError):  # Python's own json prints NaN, which JSON does not have
            return _at(json.loads(line), key)
        return None
    if "_" in line:
        return None
    with suppress(ValueError):
        return float(line)
    return None


def _at(found: Any, key: str) -> float | None:
    """The number at the path `key`, or under the whole of `key` as a name; `Undefined` for an object that has null there."""
    for name in [key] if isinstance(found, dict) and key in found else key.split("."):
        if not isinstance(found, dict) or name not in found:
            return None
        found = found[name]
    if found is None:
        raise Undefined(f"{key} is null")
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
