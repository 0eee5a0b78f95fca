"""The contract suite of encoders: every registered one, plugins included, bare and behind the cache."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.contract import embedder as contract
from tests.contract.embedder import CHECKS, Check
from tests.models.embedding.server import serving
from tests.models.embedding.tiny import save_bert
from triaxis.models.embedding import CachedEmbedder, open_embedder
from triaxis.protocols import Embedder, Progress
from triaxis.registry import create, names

OURS = ("minilm", "hf", "openai")


@pytest.fixture(scope="module")
def spec_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """A spec for each of our names: the packaged weights, tiny ones, a server of ours; a plugin's name is its spec."""
    for library in ("torch", "sentence_transformers", "httpx"):
        pytest.importorskip(library)
    folder = save_bert(tmp_path_factory.mktemp("tiny"))
    with serving() as server:
        specs = {"hf": f"hf:{folder}", "openai": f"openai:m@{server.url}"}
        yield lambda name: specs.get(name, name)


@pytest.fixture(scope="module")
def made(spec_of: Callable[[str], str]) -> Callable[[str], Embedder]:
    """One embedder per name for all checks: loading is what takes time."""
    held: dict[str, Embedder] = {}

    def get(name: str) -> Embedder:
        if name not in held:
            held[name] = create("embedder", spec_of(name))
        return held[name]

    return get


def test_the_three_that_come_with_triaxis_are_registered() -> None:
    assert set(OURS) <= set(names("embedder"))


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", [*names("embedder"), "minilm:bfloat16"])
def test_an_embedder_keeps_its_contract(name: str, check: Check, made: Callable[[str], Embedder]) -> None:
    check(made(name))


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", ["hf", "openai"])
def test_an_embedder_behind_the_cache_keeps_its_contract(
    name: str, check: Check, spec_of: Callable[[str], str], tmp_path: Path
) -> None:
    check(open_embedder(spec_of(name), cache=tmp_path))


def test_an_embedder_and_its_cached_vectors_have_the_same_bits(made: Callable[[str], Embedder], tmp_path: Path) -> None:
    bare = made("minilm")
    texts = [*contract.PLAIN, *contract.HOSTILE[:8]]
    expected = bare.embed(texts)
    for _ in range(2):
        assert np.array_equal(CachedEmbedder(bare, tmp_path).embed(texts), expected)


class Broken:
    """A right embedder of letter counts; each child breaks one promise."""

    name = "broken"

    def embed(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        if not all(isinstance(text, str) for text in texts):
            raise contract.InputError("texts only")
        rows = [np.random.default_rng(list(self.key(text).encode("utf-8", "replace"))).standard_normal(4) for text in texts]
        found = np.array(rows).reshape(len(texts), 4)
        if progress:
            progress("embedding", len(texts), len(texts))
        return self.finished((found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32))

    def key(self, text: str) -> str:
        return text

    def finished(self, rows: np.ndarray) -> np.ndarray:
        return rows


class WithoutName(Broken):
    name = " "


class NotUnit(Broken):
    def finished(self, rows: np.ndarray) -> np.ndarray:
        return rows * np.float32(1.01)


class Doubles(Broken):
    def finished(self, rows: np.ndarray) -> np.ndarray:
        return rows.astype(np.float64)


class LooksAtItsNeighbours(Broken):
    def finished(self, rows: np.ndarray) -> np.ndarray:
        return rows + np.float32(1e-6 * len(rows))


class SortsItsRows(Broken):
    def finished(self, rows: np.ndarray) -> np.ndarray:
        return rows[np.argsort(rows[:, 0])]


class AllAlike(Broken):
    def key(self, text: str) -> str:
        return "same"


class ReadsNoSurrogates(Broken):
    def key(self, text: str) -> str:
        return text.encode().decode()


class EmbedsAnything(Broken):
    def embed(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        return super().embed([str(text) for text in texts], progress=progress)


class ForgetsProgress(Broken):
    def embed(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        return super().embed(texts)


class LosesTheWidth(Broken):
    def finished(self, rows: np.ndarray) -> np.ndarray:
        return rows if len(rows) else rows[:, :0]


CAUGHT_BY = {
    WithoutName: contract.has_a_name,
    NotUnit: contract.rows_are_float32_unit_vectors,
    Doubles: contract.rows_are_float32_unit_vectors,
    LooksAtItsNeighbours: contract.a_row_depends_on_its_own_text_only,
    SortsItsRows: contract.rows_keep_the_order_of_texts,
    AllAlike: contract.equal_texts_have_equal_rows_and_different_ones_do_not,
    ReadsNoSurrogates: contract.hostile_texts_have_rows_too,
    EmbedsAnything: contract.what_is_no_text_is_refused,
    ForgetsProgress: contract.progress_ends_with_all_of_it,
    LosesTheWidth: contract.no_texts_are_no_rows,
}


def test_an_embedder_that_is_right_passes_every_check() -> None:
    for check in CHECKS:
        check(Broken())


@pytest.mark.parametrize("kind", CAUGHT_BY, ids=lambda kind: kind.__name__)
def test_an_embedder_that_breaks_a_promise_is_caught(kind: type[Broken]) -> None:
    with pytest.raises((AssertionError, UnicodeEncodeError)):
        CAUGHT_BY[kind](kind())
