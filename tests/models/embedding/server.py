"""An OpenAI-compatible embeddings server on loopback that does what a script says, request by request."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import numpy as np

DIMENSIONS = 8


class Reply(NamedTuple):
    """What goes over the wire; `declared` is the Content-Length where it lies."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    declared: int | None = None
    delay: float = 0.0


Step = Callable[[dict[str, Any]], Reply]


def vector(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """A vector of the text alone, not of length 1."""
    seed = int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
    found: list[float] = (3 * np.random.default_rng(seed).standard_normal(dimensions)).tolist()
    return found


def entries(request: dict[str, Any], dimensions: int = DIMENSIONS) -> list[dict[str, Any]]:
    return [{"object": "embedding", "index": i, "embedding": vector(text, dimensions)} for i, text in enumerate(request["input"])]


def say(data: object, **more: Any) -> Reply:
    return Reply(body=json.dumps({"object": "list", "data": data, "model": "m"}).encode(), **more)


def answers(request: dict[str, Any]) -> Reply:
    """The right answer, last text first: order is by `index`."""
    return say(entries(request)[::-1])


def in_base64(request: dict[str, Any]) -> Reply:
    coded = [base64.b64encode(np.array(entry["embedding"], dtype="<f4")).decode() for entry in entries(request)]
    return say([{"index": i, "embedding": text} for i, text in enumerate(coded)])


def status(code: int, *, message: str = "no", **headers: str) -> Step:
    """Refuses with `code`; `Retry_After="2"` becomes a header."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return lambda _: Reply(code, json.dumps({"error": {"message": message}}).encode(), named)


def cut_short(request: dict[str, Any]) -> Reply:
    """Half of the body under the length of all of it."""
    whole = answers(request).body
    return Reply(body=whole[: len(whole) // 2], declared=len(whole))


def cut_json(request: dict[str, Any]) -> Reply:
    """Half of the body, and the length says so."""
    whole = answers(request).body
    return Reply(body=whole[: len(whole) // 2])


def slow(seconds: float) -> Step:
    return lambda request: answers(request)._replace(delay=seconds)


def changed(change: Callable[[list[dict[str, Any]]], object]) -> Step:
    """The right entries after `change`."""
    return lambda request: say(change(entries(request)))


class Server:
    """What a running server was asked, and what it is to do next; when the script is at its end it answers."""

    def __init__(self, *script: Step) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.together = self.most_together = 0
        self.url = ""
        self._script = list(script)
        self._lock = threading.Lock()

    @property
    def texts(self) -> list[str]:
        """Every text that came, in order."""
        return [text for request in self.requests for text in request["input"]]

    def next_step(self, request: dict[str, Any], headers: dict[str, str]) -> Step:
        with self._lock:
            self.requests.append(request)
            self.headers.append(headers)
            self.together += 1
            self.most_together = max(self.most_together, self.together)
            return self._script.pop(0) if self._script else answers

    def done(self) -> None:
        with self._lock:
            self.together -= 1


@contextmanager
def serving(*script: Step) -> Iterator[Server]:
    """A server on a free port of loopback."""
    state = Server(*script)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            step = state.next_step({**request, "path": self.path}, {name.lower(): value for name, value in self.headers.items()})
            reply = step(request)
            time.sleep(reply.delay)
            state.done()
            self.send_response(reply.status)
            self.send_header("Content-Length", str(reply.declared or len(reply.body)))
            for name, value in reply.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:  # a client that hung up
            pass

    with Quiet(("127.0.0.1", 0), Handler) as server:
        state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
