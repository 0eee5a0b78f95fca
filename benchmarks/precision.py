"""Encoders in fewer bits: bfloat16 and three ways of int8 against float32, on real answers; speed and what it does to numbers.

    pip install -e '.[embed]' onnx onnxruntime -c constraints.txt
    python benchmarks/precision.py FILE [FILE ...] [--sets 40] [--rounds 5]

A FILE has answers: Parquet with columns prompt_id, prompt, model, response. Up to ten answers of one prompt and model are a set.
Ways take turns within each round on one thread, and a ratio is the median over rounds of the ratio of CPU seconds, so that
what other processes do meets both. onnx and onnxruntime serve here only, triaxis needs neither; without them there are no
rows of ONNX Runtime.
"""

import argparse
import json
import os
import warnings
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any, NamedTuple

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import polars as pl
import torch
from _table import show
from scipy.stats import spearmanr
from torch import Tensor

from triaxis.diversity.semantic.content import content_distance
from triaxis.models.embedding import minilm, products
from triaxis.models.embedding.local import LocalEmbedder
from triaxis.models.embedding.packed_bert import PackedBert, Shape
from triaxis.models.embedding.products import Linear, Precision

LARGEST_SET, SMALLEST_SET = 10, 4
PADDED = 32
"""Texts of a padded batch, as in `SentenceTransformer.encode`."""
FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "amx_bf16")
OURS, PLAIN = "triaxis `minilm` (float32)", "`SentenceTransformer.encode` (float32)"
Embed = Callable[[Sequence[str]], np.ndarray]


class Sets(NamedTuple):
    """Answers, the places of each set among them, and each set's prompt."""

    texts: list[str]
    places: list[np.ndarray]
    prompts: list[str]


def read_sets(paths: Sequence[Path], count: int) -> Sets:
    """`count` sets of each file, spread evenly over its prompts and models."""
    texts: list[str] = []
    places, prompts = [], []
    for path in paths:
        frame = pl.read_parquet(path, columns=["prompt_id", "prompt", "model", "response"]).drop_nulls()
        groups = frame.group_by("prompt_id", "model", maintain_order=True).agg("prompt", pl.col("response").head(LARGEST_SET))
        groups = groups.filter(pl.col("response").list.len() >= SMALLEST_SET)
        for row in groups.gather(np.linspace(0, len(groups) - 1, count).astype(int).tolist()).iter_rows(named=True):
            places.append(np.arange(len(texts), len(texts) + len(row["response"])))
            prompts.append(row["prompt"][0])
            texts += row["response"]
    return Sets(texts, places, prompts)


def packed(precision: Precision) -> Embed:
    """Our forward pass with other products."""
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    folder = minilm.weights_folder()
    shape = Shape.of(json.loads((folder / "config.json").read_text(encoding="utf-8")), longest=minilm.LONGEST)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    made = PackedBert(load_file(folder / "model.safetensors"), tokenizer, shape, precision)
    return LocalEmbedder("packed", lambda: made, workers=1).embed


def scaled_by_row(weight: Tensor, bias: Tensor, activation: str = "none") -> Linear:
    """int8 with a scale for each output channel and each token, so that no row sees another; sums are exact in int32."""
    scale = weight.abs().amax(dim=1) / 127
    rounded = (weight / scale[:, None]).round().to(torch.int8).t()

    def product(hidden: Tensor) -> Tensor:
        largest = hidden.abs().amax(dim=1, keepdim=True).clamp(min=1e-12)
        sums = torch._int_mm((hidden * (127 / largest)).round_().to(torch.int8), rounded)
        found = torch.addcmul(bias, sums * scale, largest / 127)
        return torch.nn.functional.gelu(found) if activation == "gelu" else found

    return product


def scaled_by_batch(weight: Tensor, bias: Tensor, activation: str = "none") -> Linear:
    """`torch.ao.quantization.quantize_dynamic`: a scale for each output channel, and one for all tokens of the batch."""
    from torch.ao.quantization import per_channel_dynamic_qconfig, quantize_dynamic

    linear = torch.nn.Linear(weight.shape[1], weight.shape[0])
    linear.load_state_dict({"weight": weight, "bias": bias})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated, and what people use
        product = quantize_dynamic(torch.nn.Sequential(linear), {torch.nn.Linear: per_channel_dynamic_qconfig})
    return lambda hidden: torch.nn.functional.gelu(product(hidden)) if activation == "gelu" else product(hidden)


class Pooled(torch.nn.Module):
    """The encoder as one graph: hidden states, mean over tokens, length 1."""

    def __init__(self) -> None:
        from transformers import AutoModel

        super().__init__()
        self.model = AutoModel.from_pretrained(str(minilm.weights_folder()), attn_implementation="eager").eval()

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        hidden = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).float()
        return torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)


def export(folder: Path) -> dict[str, Path]:
    """ONNX files of the encoder in `folder`: float32, and int8 by channel in seven bits (reduced range) and in eight."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    exact, axes, probe = folder / "float32.onnx", {0: "texts", 1: "tokens"}, torch.ones(2, 9, dtype=torch.long)
    found = {"float32": exact}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Pooled(), (probe, probe), str(exact), input_names=["input_ids", "attention_mask"], output_names=["vectors"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "vectors": {0: "texts"}}, dynamo=False, opset_version=17,
        )  # fmt: skip
    for name, is_reduced in (("int8, reduced range", True), ("int8, full range", False)):
        found[name] = folder / f"{name}.onnx"
        quantize_dynamic(exact, found[name], per_channel=True, reduce_range=is_reduced, weight_type=QuantType.QInt8)
    return found


def through_onnx(path: Path, together: int) -> Embed:
    """Texts sorted by length, `together` to a padded batch, one thread."""
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(minilm.weights_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(minilm.LONGEST)

    def embed(texts: Sequence[str]) -> np.ndarray:
        ids = [encoding.ids for encoding in tokenizer.encode_batch_fast(list(texts))]
        order = sorted(range(len(ids)), key=lambda place: -len(ids[place]))
        rows = np.empty((len(ids), minilm.DIMENSIONS), dtype=np.float32)
        for start in range(0, len(order), together):
            places = order[start : start + together]
            rows[places] = session.run(None, padded([ids[place] for place in places]))[0]
        return rows

    return embed


def padded(ids: Sequence[Sequence[int]]) -> dict[str, np.ndarray]:
    """Inputs of a batch: token numbers with zeros behind, and which are real."""
    words = np.zeros((len(ids), max(map(len, ids))), dtype=np.int64)
    mask = np.zeros_like(words)
    for row, tokens in enumerate(ids):
        words[row, : len(tokens)], mask[row, : len(tokens)] = tokens, 1
    return {"input_ids": words, "attention_mask": mask}


def all_ways(folder: Path) -> dict[str, Embed]:
    """What is compared, by name."""
    from sentence_transformers import SentenceTransformer

    theirs: Any = SentenceTransformer(str(minilm.weights_folder()), device="cpu")
    ways = {
        PLAIN: lambda texts: theirs.encode(list(texts), show_progress_bar=False),
        OURS: packed(products.float32),
        "triaxis `minilm:bfloat16`": packed(products.bfloat16),
        "packed, int8 scaled by token": packed(scaled_by_row),
        "packed, `quantize_dynamic` int8": packed(scaled_by_batch),
    }
    if find_spec("onnx") and find_spec("onnxruntime"):
        for name, path in export(folder).items():
            ways[f"ONNX Runtime {name}, {PADDED} padded"] = through_onnx(path, PADDED)
        ways["ONNX Runtime int8, reduced range, one at a time"] = through_onnx(folder / "int8, reduced range.onnx", 1)
    return ways


def in_turns(ways: dict[str, Embed], texts: Sequence[str], rounds: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Vectors of each way, and its CPU seconds in each round."""
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    vectors = {}
    for embed in ways.values():
        embed(texts[:16])
    for _ in range(rounds):
        for way, embed in ways.items():
            start = process_time()
            vectors[way] = embed(texts)
            seconds[way].append(process_time() - start)
    return vectors, {way: np.array(taken) for way, taken in seconds.items()}


def agreement(found: np.ndarray, exact: np.ndarray) -> tuple[str, str, float, float]:
    """Correlation of the cosines of all pairs; the least cosine of a text with itself; largest and mean change of a cosine."""
    pairs = np.triu_indices(len(exact), 1)
    one, two = ((rows.astype(np.float64) @ rows.T.astype(np.float64))[pairs] for rows in (found, exact))
    own = np.einsum("ij,ij->i", found.astype(np.float64), exact)
    change = np.abs(one - two)
    return f"{np.corrcoef(one, two)[0, 1]:.5f}", f"{own.min():.5f}", change.max(), change.mean()


def by_company(embed: Embed, texts: Sequence[str], whole: np.ndarray) -> float:
    """The largest change of a number of a row when other texts are around: shuffled tenths of all."""
    order = np.random.default_rng(0).permutation(len(texts))
    parts = np.array_split(order, 10)[:4]
    return float(max(np.abs(embed([texts[i] for i in part]) - whole[part]).max() for part in parts))


def set_distances(embed: Embed, vectors: np.ndarray, sets: Sets) -> np.ndarray:
    """content-distance of each set."""
    prompts = embed(sets.prompts)
    return np.array([content_distance(vectors[at], prompts[place]) for place, at in enumerate(sets.places)])


def rows_of(ways: dict[str, Embed], sets: Sets, rounds: int) -> list[tuple[object, ...]]:
    """The table."""
    vectors, seconds = in_turns(ways, sets.texts, rounds)
    exact = set_distances(ways[OURS], vectors[OURS], sets)
    rows = []
    for way, embed in ways.items():
        distances = set_distances(embed, vectors[way], sets)
        rows.append((
            way, len(sets.texts) / float(np.median(seconds[way])), float(np.median(seconds[OURS] / seconds[way])),
            float(np.median(seconds[PLAIN] / seconds[way])), *agreement(vectors[way], vectors[OURS]),
            by_company(embed, sets.texts, vectors[way]), np.abs(distances - exact).max(),
            f"{spearmanr(distances, exact).statistic:.4f}",
        ))  # fmt: skip
    return rows


def processor() -> str:
    """What this processor has for few bits, where Linux says so."""
    path = Path("/proc/cpuinfo")
    known = path.read_text(encoding="utf-8").split() if path.exists() else []
    return ", ".join(flag for flag in FLAGS if flag in known) or "unknown"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--sets", type=int, default=40, help="of each file")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if not options.files:
        print("not run: needs answers; type python benchmarks/precision.py FILE")
        return
    torch.set_num_threads(1)
    sets = read_sets(options.files, options.sets)
    print(f"{len(sets.texts)} answers in {len(sets.places)} sets; processor: {processor()}; load {os.getloadavg()[0]:.1f}")
    head = (
        "way", "texts per CPU second", "times ours", "times encode", "pair correlation", "least self-cosine", "largest change",
        "mean change", "change by company", "content-distance: largest change", "rank correlation of sets",
    )  # fmt: skip
    with TemporaryDirectory() as folder, torch.inference_mode():
        show("all-MiniLM-L6-v2, one thread", head, rows_of(all_ways(Path(folder)), sets, options.rounds))


if __name__ == "__main__":
    main()
