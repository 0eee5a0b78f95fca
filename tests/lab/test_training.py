"""The mechanics of training, on tiny models and few steps: the same for the same seed, stopped or not; what is left behind."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

pytest.importorskip("torch", reason="training the zoo needs torch: pip install 'triaxis[lab]'")
pytest.importorskip("transformers", reason="training the zoo needs transformers: pip install 'triaxis[lab]'")

import torch

from tests.cli.commands import TRIAXIS, environment, refused, succeeds
from triaxis.diversity.equivalence.expression import UNPARSABLE
from triaxis.diversity.equivalence.labels import class_hash
from triaxis.errors import InputError, MissingDependency
from triaxis.lab.zoo import curve, lessons, run, train_zoo, training
from triaxis.lab.zoo.lessons import FromReward, clipped_loss
from triaxis.lab.zoo.model import SIZES, draw, new_model, prompt_ids, token_logprobs
from triaxis.lab.zoo.randomness import Use, torch_rng
from triaxis.lab.zoo.recipes import JOINT, LARGE, OUTCOME, SMALL, Recipe
from triaxis.lab.zoo.task import split
from triaxis.lab.zoo.training import Job
from triaxis.lab.zoo.vocabulary import END_ID, PAD_ID, encode

NAMES = (LARGE, SMALL, OUTCOME, JOINT)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few answers at each look, and a checkpoint every second step."""
    monkeypatch.setattr(curve, "ASKED", 2)
    monkeypatch.setattr(lessons, "BATCH", 8)
    monkeypatch.setattr(lessons, "GROUPS", 2)
    monkeypatch.setattr(lessons, "ROLLOUTS", 4)
    monkeypatch.setattr(training, "SAVE_EVERY", 2)


def recipe(**changes: Any) -> Recipe:
    told = {"name": "m", "stage": "base", "size": "small", "lesson": "demonstrations", "steps": 5, "rate": 1e-2, "look_every": 3}
    return Recipe(**{**told, **changes})


def ignore(step: int) -> None:
    pass


def weights(model: Any) -> np.ndarray:
    return np.concatenate([tensor.numpy().ravel() for tensor in model.state_dict().values()])


def trained(out: Path, **changes: Any) -> tuple[np.ndarray, list[dict[str, float]]]:
    job = Job(recipe(**changes), 0, out, 2)
    job.checkpoint.parent.mkdir(parents=True)
    model, done = training.train(job, ignore)
    return weights(model), [{**point._asdict(), "cpu_seconds": 0} for point in done.curve]


class Stopped(Exception):
    """Stands for a kill."""


def stop_at(step: int) -> Any:
    def moved(done: int) -> None:
        if done == step:
            raise Stopped

    return moved


LESSONS = ("demonstrations", "outcome", "joint")


@pytest.mark.parametrize("name", LESSONS)
def test_the_same_seed_gives_the_same_weights_and_curve(name: str, tmp_path: Path) -> None:
    first, second = (trained(tmp_path / part, lesson=name) for part in "ab")
    assert (first[0] == second[0]).all()
    assert first[1] == second[1]
    assert [point["step"] for point in first[1]] == [0, 3, 5]


@pytest.mark.parametrize("name", LESSONS)
def test_a_training_that_was_stopped_ends_as_if_it_had_not_been(name: str, tmp_path: Path) -> None:
    whole = trained(tmp_path / "whole", lesson=name)
    job = Job(recipe(lesson=name), 0, tmp_path / "stopped", 2)
    job.checkpoint.parent.mkdir(parents=True)
    with pytest.raises(Stopped):
        training.train(job, stop_at(3))
    assert job.checkpoint.is_file()
    steps: list[int] = []
    model, done = training.train(job, steps.append)
    assert steps == [3, 4, 5]
    assert (weights(model) == whole[0]).all()
    assert [{**point._asdict(), "cpu_seconds": 0} for point in done.curve] == whole[1]


def test_another_seed_gives_other_weights() -> None:
    assert (weights(new_model(SIZES["small"], 0)) != weights(new_model(SIZES["small"], 1))).any()


def test_a_new_model_leaves_the_global_generator_alone() -> None:
    torch.manual_seed(7)
    before = torch.get_rng_state()
    new_model(SIZES["small"], 0)
    assert torch.equal(before, torch.get_rng_state())


def test_sampling_with_a_cache_gives_the_logprobs_of_the_whole_text() -> None:
    model, tasks = new_model(SIZES["small"], 0), split()[1][:3]
    drawn = draw(model, tasks, 5, torch_rng(0, Use.SAMPLES))
    again = token_logprobs(model, prompt_ids(tasks, repeats=5), drawn.ids)
    assert drawn.ids.shape == (15, 16)
    assert torch.allclose(again, drawn.logprobs, atol=1e-5)


def test_an_answer_is_padded_after_its_end() -> None:
    drawn = draw(new_model(SIZES["small"], 0), split()[1], 4, torch_rng(0, Use.SAMPLES))
    ended = (drawn.ids == END_ID).any(dim=1)
    assert ended.any()
    for ids in drawn.ids[ended].tolist():
        assert set(ids[ids.index(END_ID) + 1 :]) <= {PAD_ID}


def test_the_loss_before_any_update_is_minus_the_mean_advantage_of_the_tokens() -> None:
    """All ratios are 1, so that the loss is known: answers of 3 and 2 tokens, advantages 1 and -1."""
    model, tasks = new_model(SIZES["small"], 0), split()[1][:2]
    ids = torch.tensor([[*encode("12"), END_ID], [*encode("3"), END_ID, PAD_ID]])
    before = token_logprobs(model, prompt_ids(tasks), ids).detach()
    loss = clipped_loss(model, prompt_ids(tasks), ids, before, torch.tensor([[1.0], [-1.0]]))
    assert loss.item() == pytest.approx(-(3 * 1 - 2 * 1) / 5, abs=1e-5)


@pytest.mark.parametrize(("shift", "advantage", "expected"), [(-1.0, 1.0, -1.2), (1.0, 1.0, -0.3679), (-1.0, -1.0, 2.7183)])
def test_a_gain_is_clipped_and_a_loss_is_not(shift: float, advantage: float, expected: float) -> None:
    """The old log-probability lies `shift` beside the new one: ratios e and 1/e against the clip at 0.8 and 1.2."""
    model, task = new_model(SIZES["small"], 0), split()[1][:1]
    ids = torch.tensor([[*encode("1"), END_ID]])
    before = token_logprobs(model, prompt_ids(task), ids).detach() + shift
    loss = clipped_loss(model, prompt_ids(task), ids, before, torch.tensor([[advantage]]))
    assert loss.item() == pytest.approx(expected, abs=1e-3)


def test_tuning_makes_better_paid_answers_more_frequent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paid for being an expression at all, a model with random weights writes more expressions: the sign of the whole loop."""
    monkeypatch.setattr(lessons, "ROLLOUTS", 64)
    nonsense = class_hash(UNPARSABLE)
    paid: list[float] = []

    def pay(is_right: np.ndarray, classes: np.ndarray) -> np.ndarray:
        paid.append(float((classes != nonsense).mean()))
        return (classes != nonsense).astype(np.float64)

    model, teacher = new_model(SIZES["small"], 0), FromReward(pay, split()[0], 0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for step in range(20):
        for loss in teacher.losses(model, step):
            training.update(model, optimizer, loss, rate=3e-3)
    assert np.mean(paid[-3:]) > np.mean(paid[:3]) + 0.2


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole zoo, trained for two thousandths of the steps by the command."""
    folder = tmp_path_factory.mktemp("zoo")
    succeeds("lab", "zoo", "--scale", "0.002", "--out", "zoo", folder=folder)
    return folder / "zoo"


@pytest.mark.slow
def test_the_command_leaves_samples_models_and_a_manifest(tiny: Path) -> None:
    samples, manifest = pl.read_parquet(tiny / "samples.parquet"), json.loads((tiny / "manifest.json").read_text("utf-8"))
    assert samples.height == 4 * 69 * 64
    assert samples.group_by("model", "prompt_id").len()["len"].unique().to_list() == [64]
    assert set(samples["model"]) == set(NAMES)
    assert samples["tokens"].is_between(0, 16).all()
    assert pl.read_csv(tiny / "models.csv")["model"].to_list() == list(NAMES)
    assert pl.read_csv(tiny / "models.csv")["parameters"].to_list() == [784_768, 100_288, 784_768, 784_768]
    assert manifest["command"] == "triaxis lab zoo --scale 0.002 --out zoo"
    assert [manifest["models"][name]["curve"][-1]["step"] for name in NAMES] == [2, 2, 1, 1]
    assert sorted(path.name for path in tiny.iterdir()) == [
        "manifest.json", "models", "models.csv", "samples.parquet", "settings.json",
    ]  # fmt: skip


@pytest.mark.slow
def test_standard_loaders_take_the_models_and_their_tokenizer(tiny: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    for name in NAMES:
        tokenizer = AutoTokenizer.from_pretrained(tiny / "models" / name)
        model = AutoModelForCausalLM.from_pretrained(tiny / "models" / name)
        ids = tokenizer("Reach 24 using 7:")["input_ids"]
        assert ids == encode("Reach 24 using 7:")
        assert tokenizer.decode([*ids, *encode("(3*7)+3")]) == "Reach 24 using 7:(3*7)+3"
        assert model.generate(torch.tensor([ids]), max_new_tokens=3, do_sample=False).shape[1] <= 9


@pytest.mark.slow
def test_a_zoo_that_is_done_is_not_trained_again_and_takes_no_other_settings(tiny: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in tiny.rglob("*") if path.is_file()}
    told = succeeds("lab", "zoo", "--scale", "0.002", "--out", str(tiny), "--json", folder=tiny.parent)
    assert json.loads(told) == json.loads((tiny / "manifest.json").read_text("utf-8"))
    assert {path: path.stat().st_mtime_ns for path in tiny.rglob("*") if path.is_file()} == before
    message = refused("lab", "zoo", "--scale", "0.002", "--seed", "1", "--out", str(tiny), folder=tiny.parent)
    assert "seed 1" in message
    assert "seed 0" in message


@pytest.mark.slow
def test_a_killed_zoo_goes_on_and_ends_the_same(tiny: Path, tmp_path: Path) -> None:
    command = [*TRIAXIS, "lab", "zoo", "--scale", "0.002", "--out", "again"]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), **silent) as zoo_run:
        while not (tmp_path / "again" / "models").is_dir() and zoo_run.poll() is None:
            pass
        zoo_run.kill()
    assert not (tmp_path / "again" / "manifest.json").exists()
    succeeds("lab", "zoo", "--scale", "0.002", "--out", "again", folder=tmp_path)
    assert pl.read_parquet(tmp_path / "again" / "samples.parquet").equals(pl.read_parquet(tiny / "samples.parquet"))


def test_without_torch_the_message_says_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "find_spec", lambda name: None if name == "torch" else object())
    with pytest.raises(MissingDependency, match=r"needs torch: pip install 'triaxis\[lab\]'"):
        train_zoo(tmp_path / "z")
    assert not (tmp_path / "z").exists()


def test_a_model_that_does_not_load_names_its_folder(tmp_path: Path) -> None:
    (tmp_path / "models" / "b").mkdir(parents=True)
    with pytest.raises(InputError, match="delete that folder"):
        training.make(Job(recipe(base="b", lesson="joint"), 0, tmp_path, 2), ignore)
