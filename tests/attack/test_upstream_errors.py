"""Errors of published code that no test beside a metric holds yet, and the page that names the test for each of them.

docs/upstream-errors.md lists every error that we know of; those with a test elsewhere are not repeated here.
"""

import ast
import gzip
import io
import re
import tokenize
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import typer

from tests.diversity.lexical.sentences import README
from tests.diversity.semantic.samples import unit, with_labels, with_vectors
from triaxis import diversity
from triaxis.diversity.equivalence import parse_equivalence
from triaxis.diversity.equivalence.partition import RULES, partition
from triaxis.diversity.lexical.compression import compression_ratio
from triaxis.diversity.semantic import cluster_count, near_duplicate_share, near_duplicates
from triaxis.measure.levels.cells import level_cells
from triaxis.registry import create
from triaxis.responses import Responses

diversity.register_all()

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = sorted((REPOSITORY / "src" / "triaxis").rglob("*.py"))
PAGE = REPOSITORY / "docs" / "upstream-errors.md"


def packed_twice(raw: bytes) -> int:
    """Bytes of what the `diversity` package measures: a gzip file, with its name inside, of bytes that are gzip already."""
    file = io.BytesIO()
    with gzip.GzipFile("compressed.gz", "wb", fileobj=file) as packer:
        packer.write(gzip.compress(raw))
    return len(file.getvalue())


@pytest.mark.parametrize(("times", "published", "once"), [(1, 1.141, 1.5), (200, 191.8, 129.4)])
def test_the_published_compression_ratios_are_those_of_packing_twice(times: int, published: float, once: float) -> None:
    # cshaib/diversity, measurement facts 9
    corpus = README * times
    raw = " ".join(corpus).encode()
    assert len(raw) / packed_twice(raw) == pytest.approx(published, rel=5e-4)
    assert compression_ratio(corpus) == pytest.approx(once, rel=5e-4)


def tight_modes(modes: int, *, size: int) -> np.ndarray:
    """(modes x size, 64) rows in random order: `size` near copies around each of `modes` directions that are not near."""
    rng = np.random.default_rng(modes)
    rows = np.repeat(np.eye(modes, 64), size, axis=0) + 0.003 * rng.standard_normal((modes * size, 64))
    return np.asarray(rng.permutation(rows / np.linalg.norm(rows, axis=1, keepdims=True)), dtype=np.float32)


@pytest.mark.parametrize("modes", [1, 2, 3, 5, 10, 20, 35, 50])
def test_one_of_each_tight_mode_is_kept_however_large_the_modes_are(modes: int) -> None:
    # semhash up to 0.3.3 asked for at most 100 neighbours of each row, and kept more than one of larger modes
    size = 150
    rows = tight_modes(modes, size=size)
    pairs = near_duplicates(rows, 0.9)
    assert pairs.first.size == modes * size * (size - 1) // 2
    assert len(rows) - np.unique(pairs.second).size == modes  # what is left after dropping each row that has an earlier twin
    assert cluster_count(rows, threshold=0.9) == modes
    assert near_duplicate_share(rows) == 1.0


def test_copies_far_apart_are_found_as_if_side_by_side() -> None:
    # data-juicer #971: a "global" deduplication that was one for each worker
    rows = unit(3000, 16)
    rows[-1] = rows[0]
    pairs = near_duplicates(rows, 0.999999)
    assert (pairs.first.tolist(), pairs.second.tolist()) == ([0], [2999])


def classes(labels: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == klass).tolist()) for klass in np.unique(labels)}


def test_union_find_has_one_outcome_whatever_the_order_and_however_many_threads_ask() -> None:
    # datatrove #106: union-find by several workers gave another outcome each time
    rng = np.random.default_rng(3)
    half = np.triu(rng.random((600, 600)) < 0.0015, 1)
    alike = (half | half.T).astype(np.float64)

    def in_order(order: np.ndarray) -> set[frozenset[int]]:
        found = partition(600, lambda rows, columns: alike[np.ix_(order[rows], order[columns])], 0.5, rule="union-find")
        return {frozenset(order[list(members)].tolist()) for members in classes(found)}

    orders = [np.arange(600), *(rng.permutation(600) for _ in range(7))]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(in_order, orders * 3))
    assert all(one == found[0] for one in found)
    assert 1 < len(found[0]) < 600


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_gives_the_same_classes_again(rule: str) -> None:
    cell = pl.DataFrame({"response": [f"the {a} {b} sat" for a in "abcde" for b in "abcde"]})
    made = parse_equivalence(f"lexical:0.7/{rule}")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(made.labels, [cell] * 12))
    assert all(np.array_equal(one, made.labels(cell)) for one in found)


def test_answers_are_read_off_the_main_thread_as_on_it() -> None:
    # Math-Verify #11: an alarm that only the main thread can set, and wrong answers without it
    texts = ["so it is \\boxed{\\frac{1}{2}}", "The answer is 1/2.", "#### 12", "(" * 10_000, "9" * 5_000, "1+" * 3_000 + "1"]
    metric = create("diversity", "distinct-answers")
    with ThreadPoolExecutor(2) as pool:
        assert pool.submit(metric.value, Responses(texts)).result() == metric.value(Responses(texts))


def imported(source: str) -> set[str]:
    """First parts of the names of all modules that `source` imports."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = {alias.name.partition(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {(node.module or "").partition(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("package", ["quality", "diversity", "complexity", "stats", "measure", "expressions.py", "responses.py"])
def test_no_figure_depends_on_how_fast_the_machine_is(package: str) -> None:
    # evalplus #5: limits of wall-clock time moved pass@1 by 17 points. What makes figures here knows no clock and no alarm
    root = REPOSITORY / "src" / "triaxis" / package
    files = [root] if root.is_file() else sorted(root.rglob("*.py"))
    assert files
    timed = {path.name for path in files if imported(path.read_text(encoding="utf-8")) & {"time", "signal", "timeit", "sched"}}
    assert timed == set()


def test_pairs_drawn_with_replacement_would_count_a_program_against_itself() -> None:
    # program_cal_diverse draws two programs with replacement, 300 times: low by 1/n. Ours draws without
    labels = np.arange(10)
    rng = np.random.default_rng(0)
    published = np.mean([np.unique(rng.choice(labels, 2)).size for _ in range(20_000)])
    assert published == pytest.approx(2 - 1 / 10, abs=0.01)
    assert create("diversity", "distinct-classes:2").value(with_labels(labels)) == pytest.approx(2)


def test_classes_are_counted_and_not_the_largest_label() -> None:
    # NoveltyBench stores `distinct` = max(partition), one too low for labels from 0
    assert create("diversity", "distinct-classes").value(with_labels([0, 1, 1, 2])) == 3


def test_small_effects_are_not_rounded_away() -> None:
    # the diversity package rounds to three decimals
    copies = np.repeat(np.eye(2, 8, dtype=np.float32), [5000, 1], axis=0)
    assert 0 < create("diversity", "cosine-distance").value(with_vectors(copies)) < 5e-4


class Counted:
    """An encoder that writes down what it is asked."""

    name = "counted"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: list[str], *, progress: object = None) -> np.ndarray:
        self.asked += texts
        return np.stack([np.eye(8, dtype=np.float32)[len(text) % 8] for text in texts])


def test_a_corpus_is_embedded_once_for_all_metrics() -> None:
    # the diversity package loads its model and embeds the corpus again for each metric
    encoder, texts = Counted(), ["a", "bb", "ccc", "dddd"]
    rows = pl.DataFrame({
        "model": ["m"] * 4, "domain": ["d"] * 4, "prompt_id": ["p"] * 4, "prompt": ["q"] * 4, "response": texts,
        "quality": [1.0] * 4, "class": [0, 1, 2, 3], "index": range(4), "row": range(4),
    })  # fmt: skip
    (cell,) = level_cells(rows, seed=0, embedder=encoder, progress=None)
    for name in ("vendi", "cosine-distance", "chamfer", "content-distance"):
        create("diversity", name).value(cell.responses)
    assert sorted(encoder.asked) == sorted([*texts, "q"])


def lines_of(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def test_there_is_no_attic_and_no_module_that_nobody_can_read() -> None:
    # style: `utils` as attic, a `cli.py` of 4,300 lines
    names = {part for path in SOURCES for part in path.relative_to(REPOSITORY).with_suffix("").parts}
    assert not {name for name in names if re.fullmatch(r"(.*_)?(utils?|helpers?|misc|common)", name)}
    assert max(map(lines_of, SOURCES)) < 500


def test_no_command_has_more_options_than_a_screen_holds() -> None:
    # style: 121 parameters on one command
    import triaxis.cli

    (app,) = {id(made): made for made in vars(triaxis.cli).values() if isinstance(made, typer.Typer)}.values()
    waiting, counts = [typer.main.get_command(app)], {}
    while waiting:
        command = waiting.pop()
        counts[command.name] = len(command.params)
        waiting += getattr(command, "commands", {}).values()
    assert len(counts) > 5
    assert {name: count for name, count in counts.items() if count > 60} == {}


def comments(path: Path) -> list[str]:
    with path.open("rb") as file:
        return [token.string for token in tokenize.tokenize(file.readline) if token.type == tokenize.COMMENT]


STATEMENT = re.compile(r"#\s*(return\b.*|\w[\w.\[\]]* = .+|(if|for|while|with|def|class)\b.*:|import \w+|from \w+ import .+)$")
DOUBT = re.compile(r"double[- ]check|\b(TODO|FIXME|XXX|HACK)\b|not sure", re.IGNORECASE)


def is_code(comment: str) -> bool:
    """Whether `comment` is a statement that was commented out."""
    if not STATEMENT.match(comment):
        return False
    try:
        ast.parse(comment.lstrip("# "))
    except SyntaxError:
        return comment.endswith(":")
    return True


@pytest.mark.parametrize(("comment", "expected"), [("# x = f(y)", True), ("# if x > 2:", True), ("# why it is so", False)])
def test_code_behind_a_hash_is_seen(comment: str, expected: bool) -> None:
    assert is_code(comment) == expected


def test_no_code_is_commented_out_and_no_comment_is_in_doubt() -> None:
    # style: a commented-out block, "need to double check that this is right"
    found = [(path.name, comment) for path in SOURCES for comment in comments(path)]
    assert [one for one in found if is_code(one[1])] == []
    assert [one for one in found if DOUBT.search(one[1])] == []


def test_no_docstring_has_an_empty_section() -> None:
    # style: a docstring with an empty `Returns:`
    empty = re.compile(r"(Args|Returns|Raises|Yields):\s*(\Z|\n\s*\n|\n\s*(Args|Returns|Raises|Yields):)")
    held = (ast.FunctionDef, ast.ClassDef, ast.Module, ast.AsyncFunctionDef)
    nodes = [(path.name, node) for path in SOURCES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    assert [name for name, node in nodes if isinstance(node, held) and empty.search(ast.get_docstring(node) or "")] == []


def named_tests(page: str) -> list[tuple[str, str]]:
    """Path and name of each test that `page` names as path::name or path::Class::name."""
    return re.findall(r"`(tests/[\w/]+\.py)::([\w:]+)`", page)


def names_in(path: Path) -> set[str]:
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        before = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        found |= {f"{before}{one.name}" for one in inside if isinstance(one, ast.FunctionDef)}
    return found


def test_every_test_that_the_page_names_is_there() -> None:
    named = named_tests(PAGE.read_text(encoding="utf-8"))
    assert len(named) > 40
    missing = [f"{path}::{name}" for path, name in named if name not in names_in(REPOSITORY / path)]
    assert missing == []


def test_every_row_of_the_page_names_a_test_or_says_that_there_is_nothing_to_test_yet() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ") and "---" not in line]
    bare = [row for row in rows if not named_tests(row) and "not here yet" not in row and not row.startswith("| item")]
    assert bare == []


def test_every_test_of_this_file_and_of_the_golden_values_is_on_the_page() -> None:
    named = {name for _, name in named_tests(PAGE.read_text(encoding="utf-8"))}
    here = {name for file in ("test_upstream_errors.py", "test_goldens.py") for name in names_in(Path(__file__).parent / file)}
    about_the_page = re.compile(r"test_every_(test|row)_|test_code_behind_a_hash")
    assert {name for name in here if name.startswith("test_") and not about_the_page.match(name)} <= named
