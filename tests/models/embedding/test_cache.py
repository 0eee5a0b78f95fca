"""The cache under everything that can happen to a file: other writers, kills, spoiled bytes, a full disk, no disk."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.models.embedding.fake import HashedVectors, vectors
from triaxis.models.embedding import CachedEmbedder, CacheWarning, cached, open_embedder
from triaxis.models.embedding.batching import key_of
from triaxis.models.embedding.cache import Stored, VectorCache
from triaxis.models.embedding.errors import EmbeddingError

REPOSITORY = Path(__file__).resolve().parents[3]
TEXTS = ["one", "two", "three", "two", "", "four", "five"]

WRITER = """
import sys
from pathlib import Path
from tests.models.embedding.fake import HashedVectors
from triaxis.models.embedding import CachedEmbedder
directory, start, stop = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
made = CachedEmbedder(HashedVectors(), directory)
print("ready", flush=True)
sys.stdin.readline()
made.embed([f"text {number}" for number in range(start, stop)])
print(made.counts.hits, made.counts.embedded, made._cache.trouble, flush=True)
"""


def writer(directory: Path, start: int, stop: int) -> subprocess.Popen[str]:
    """A process that stores the vectors of `text start` to `text stop - 1` when a line comes to its standard input."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "src"), str(REPOSITORY)])}
    command = [sys.executable, "-W", "error", "-c", WRITER, str(directory), str(start), str(stop)]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def cache_file(directory: Path) -> Path:
    return VectorCache(directory, "hashed").path


def filled(directory: Path) -> Path:
    """A cache with `TEXTS` in it, closed."""
    made = CachedEmbedder(HashedVectors(), directory)
    made.embed(TEXTS)
    made._cache.close()
    return made.cache_path


def test_a_text_is_embedded_once_in_a_call_and_never_again(tmp_path: Path) -> None:
    inner = HashedVectors()
    made = CachedEmbedder(inner, tmp_path)
    np.testing.assert_array_equal(made.embed(TEXTS), vectors(TEXTS))
    assert inner.asked == ["one", "two", "three", "", "four", "five"]
    np.testing.assert_array_equal(made.embed([*TEXTS[::-1], "six"]), vectors([*TEXTS[::-1], "six"]))
    assert inner.asked[6:] == ["six"]
    assert made.counts == (15, 13, 6, 7, 0, 0)


def test_another_process_finds_what_was_stored(tmp_path: Path) -> None:
    done = writer(tmp_path, 0, 10).communicate("\n", timeout=60)
    assert done[0].split() == ["0", "10"]
    made = CachedEmbedder(HashedVectors(), tmp_path)
    texts = [f"text {number}" for number in range(10)]
    np.testing.assert_array_equal(made.embed(texts), vectors(texts))
    assert made.counts.hits == 10


def test_encoders_do_not_share_vectors(tmp_path: Path) -> None:
    filled(tmp_path)
    other = HashedVectors("other")
    assert CachedEmbedder(other, tmp_path).embed(["one"]).shape == (1, 6)
    assert other.asked == ["one"]


def test_two_processes_write_the_same_file_at_once(tmp_path: Path) -> None:
    processes = [writer(tmp_path, 0, 400), writer(tmp_path, 200, 600)]
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    results = [process.communicate(timeout=120)[0].split() for process in processes]
    assert all(len(result) == 2 for result in results), "no trouble"
    texts = [f"text {number}" for number in range(600)]
    made = CachedEmbedder(HashedVectors(), tmp_path)
    np.testing.assert_array_equal(made.embed(texts), vectors(texts))
    assert made.counts == (600, 600, 600, 0, 0, 0)


@pytest.mark.slow
def test_a_kill_in_mid_write_loses_no_more_than_the_last_batch(tmp_path: Path) -> None:
    texts = [f"text {number}" for number in range(200_000)]
    stored: list[int] = []
    for round_number in range(3):
        process = writer(tmp_path, 0, len(texts))
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
        wait_for_rows(tmp_path, more_than=stored[-1] if stored else 0)
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=60) == -signal.SIGKILL
        process.stdin.close()
        assert process.stdout
        process.stdout.close()
        made = CachedEmbedder(HashedVectors(), tmp_path)
        found = made._cache.get([key_of(text) for text in texts[:40_000]])
        assert made._cache.corrupted == 0
        assert all(found[key_of(text)].vector == vectors([text]).tobytes() for text in texts[: len(found)]), round_number
        assert made._cache.trouble == ""
        stored.append(len(found))
    assert stored == sorted(stored)
    assert stored[0] > 0


def wait_for_rows(directory: Path, *, more_than: int) -> None:
    """Returns when the cache holds more than so many entries."""
    limit = time.monotonic() + 60
    while rows(directory) <= more_than:
        assert time.monotonic() < limit, "the writer does not get on"
        time.sleep(0.01)


def rows(directory: Path) -> int:
    if not cache_file(directory).exists():
        return 0
    connection = sqlite3.connect(cache_file(directory))
    try:
        found: int = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
        return found
    except sqlite3.OperationalError:  # the table is not there yet
        return 0
    finally:
        connection.close()


def test_what_was_embedded_before_a_failure_is_kept(tmp_path: Path) -> None:
    def fail(number: int) -> None:
        if number == 2:
            raise EmbeddingError("no more")

    texts = [str(number) for number in range(20)]
    with pytest.raises(EmbeddingError, match="no more"):
        CachedEmbedder(HashedVectors(before=fail), tmp_path).embed(texts)
    inner = HashedVectors()
    CachedEmbedder(inner, tmp_path).embed(texts)
    assert inner.asked == texts[8:]


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE vectors SET vector = zeroblob(24)",
        "UPDATE vectors SET vector = substr(vector, 1, 20)",
        "UPDATE vectors SET vector = NULL",
        "UPDATE vectors SET vector = 'text'",
        "UPDATE vectors SET is_cut = 1 - is_cut",
        "UPDATE vectors SET checksum = NULL",
    ],
)
def test_a_spoiled_entry_is_embedded_again_replaced_and_counted(tmp_path: Path, spoil: str) -> None:
    path = filled(tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute(f"{spoil} WHERE key = ?", [key_of("two")])
    connection.close()
    inner = HashedVectors()
    made = CachedEmbedder(inner, tmp_path)
    np.testing.assert_array_equal(made.embed(TEXTS), vectors(TEXTS))
    assert inner.asked == ["two"]
    assert (made.counts.corrupted, made.counts.hits, made.counts.truncated) == (1, 5, 0)
    again = CachedEmbedder(HashedVectors(), tmp_path)
    again.embed(TEXTS)
    assert (again.counts.corrupted, again.counts.hits) == (0, 6)


def test_an_entry_moved_to_another_text_is_not_believed(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM vectors WHERE key = ?", [key_of("one")])
        connection.execute("UPDATE vectors SET key = ? WHERE key = ?", [key_of("one"), key_of("two")])
    connection.close()
    np.testing.assert_array_equal(CachedEmbedder(HashedVectors(), tmp_path).embed(TEXTS), vectors(TEXTS))


def overwritten(path: Path) -> None:
    path.write_bytes(b"this is no database" * 500)


def header_spoiled(path: Path) -> None:
    path.write_bytes(b"\x00" * 100 + path.read_bytes()[100:])


def pages_spoiled(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4096] + os.urandom(len(content) - 4096))


@pytest.mark.parametrize("spoil", [overwritten, header_spoiled, pages_spoiled])
def test_a_spoiled_file_is_moved_aside_and_a_new_one_begun(tmp_path: Path, spoil: object) -> None:
    path = filled(tmp_path)
    assert callable(spoil)
    spoil(path)
    made = CachedEmbedder(HashedVectors(), tmp_path)
    np.testing.assert_array_equal(made.embed(TEXTS), vectors(TEXTS))
    assert made._cache.trouble == ""
    assert path.with_name(f"{path.name}.corrupt").exists()
    assert made.moved_aside == 1
    again = CachedEmbedder(HashedVectors(), tmp_path)
    again.embed(TEXTS)
    assert again.counts.hits == 6


def test_a_spoiled_file_that_another_process_has_replaced_is_left_alone(tmp_path: Path) -> None:
    path = filled(tmp_path)
    first, second = (CachedEmbedder(HashedVectors(), tmp_path) for _ in range(2))
    first._cache._open()
    second._cache._open()
    for made in (first, second):
        made._cache.close()
    overwritten(path)
    first._cache._file = second._cache._file = (path.stat().st_dev, path.stat().st_ino)
    first.embed(TEXTS)
    second._cache._move_aside()
    assert second.embed(TEXTS).shape == (7, 6)
    assert second.counts.hits == 6


@pytest.mark.parametrize("place", ["a file in the way", "read-only"])
def test_without_a_place_to_write_it_goes_on_and_says_so_once(tmp_path: Path, place: str) -> None:
    directory = tmp_path / "cache"
    if place == "read-only":
        directory.mkdir()
        directory.chmod(0o500)
        if os.access(directory, os.W_OK):  # root may write anywhere: /proc refuses even root
            directory = Path("/proc/triaxis")
    else:
        directory.write_text("in the way", encoding="utf-8")
    inner = HashedVectors()
    made = CachedEmbedder(inner, directory)
    with pytest.warns(CacheWarning, match="goes on without its cache") as caught:
        found = np.concatenate([made.embed(TEXTS), made.embed(["six"])])
    assert len(caught) == 1
    np.testing.assert_array_equal(found, vectors([*TEXTS, "six"]))
    assert inner.asked[-1] == "six"
    assert str(directory) in made.trouble


FULL_DISK = """
import resource, signal, sys, warnings
from pathlib import Path
import numpy as np
from tests.models.embedding.fake import HashedVectors, vectors
from triaxis.models.embedding import CachedEmbedder, CacheWarning
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
texts = [f"text {number}" for number in range(5_000)]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    found = CachedEmbedder(HashedVectors(together=100), Path(sys.argv[1])).embed(texts)
assert np.array_equal(found, vectors(texts))
print([warning.category.__name__ for warning in caught])
"""


def test_when_the_disk_is_full_the_rest_is_embedded_without_the_cache(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "src"), str(REPOSITORY)])}
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['CacheWarning']"
    kept = CachedEmbedder(HashedVectors(), tmp_path)
    texts = [f"text {number}" for number in range(5_000)]
    np.testing.assert_array_equal(kept.embed(texts), vectors(texts))
    assert 100 <= kept.counts.hits < 5_000
    assert kept.counts.corrupted == 0


def test_texts_that_were_cut_are_counted_when_their_vectors_come_from_the_disk(tmp_path: Path) -> None:
    texts = ["short", "long " * 100, "longer " * 100]
    assert first_and_second_count(tmp_path, texts) == (2, 2)


def first_and_second_count(directory: Path, texts: list[str]) -> tuple[int, int]:
    found = []
    for _ in range(2):
        made = CachedEmbedder(HashedVectors(), directory)
        made.embed(texts)
        made.embed(texts)
        found.append(made.truncated)
    return found[0], found[1]


def test_a_cache_of_other_dimensions_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = filled(tmp_path)
    VectorCache(tmp_path, "hashed").put([(key_of("other"), Stored(np.ones(5, dtype=np.float32).tobytes(), False))])
    with pytest.raises(EmbeddingError, match=path.name):
        CachedEmbedder(HashedVectors(), tmp_path).embed(["one", "other"])


def test_progress_counts_what_is_on_disk_as_done(tmp_path: Path) -> None:
    filled(tmp_path)
    seen: list[tuple[str, int, int]] = []
    CachedEmbedder(HashedVectors(), tmp_path).embed([*TEXTS, "six", "seven"], progress=lambda *moved: seen.append(moved))
    assert seen == [("embedding", 6, 8), ("embedding", 8, 8)]


def test_an_embedder_of_somebody_else_is_cached_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Plain:
        name = "plain"
        calls: list[int] = []  # noqa: RUF012

        def embed(self, texts: list[str], *, progress: object = None) -> np.ndarray:
            self.calls.append(len(texts))
            return vectors(texts)

    monkeypatch.setattr(cached, "CHUNK", 4)
    for _ in range(2):
        np.testing.assert_array_equal(CachedEmbedder(Plain(), tmp_path).embed(TEXTS), vectors(TEXTS))
    assert Plain.calls == [4, 2]


def test_the_directory_is_chosen_by_the_environment_at_the_time_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.delenv("TRIAXIS_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    assert cached.cache_directory() == Path("/home/somebody/.cache/triaxis")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert cached.cache_directory() == Path("/xdg/triaxis")
    monkeypatch.setenv("TRIAXIS_CACHE", "/mine")
    assert cached.cache_directory() == Path("/mine")


def test_open_embedder_uses_the_directory_that_is_given_or_chosen_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAXIS_CACHE", str(tmp_path / "chosen"))
    spec = "openai:m@http://localhost:1/v1"
    chosen, given = open_embedder(spec), open_embedder(spec, cache=tmp_path / "given")
    assert isinstance(chosen, CachedEmbedder)
    assert isinstance(given, CachedEmbedder)
    assert chosen.cache_path.is_relative_to(tmp_path / "chosen" / "embeddings")
    assert given.cache_path.is_relative_to(tmp_path / "given" / "embeddings")
    assert not isinstance(open_embedder(spec, cache=None), CachedEmbedder)
    assert not (tmp_path / "chosen").exists(), "nothing is made before the first text"
