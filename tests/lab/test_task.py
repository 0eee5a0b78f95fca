"""The task, its noisy demonstrations and its tokens: nothing here needs torch."""

import numpy as np
import pytest

from triaxis.errors import InputError
from triaxis.expressions import numbers, parse, value
from triaxis.lab.zoo.demonstrations import Demonstrations
from triaxis.lab.zoo.randomness import Use, numpy_rng, torch_seed
from triaxis.lab.zoo.recipes import WAVES, Recipe, scaled
from triaxis.lab.zoo.task import all_tasks, split
from triaxis.lab.zoo.vocabulary import (
    END_ID,
    MOST_ANSWER_TOKENS,
    PAD_ID,
    PROMPT_TOKENS,
    answer_rows,
    decode,
    encode,
    prompt_rows,
)
from triaxis.quality.expression import Task, expression_score


@pytest.fixture(scope="module")
def demonstrations() -> Demonstrations:
    return Demonstrations(0)


def test_there_are_189_tasks_120_trained_and_69_held_out() -> None:
    trained, held_out = split()
    assert len(all_tasks()) == len(set(all_tasks())) == 189
    assert (len(trained), len(held_out)) == (120, 69)
    assert set(trained) | set(held_out) == set(all_tasks())
    assert (min(all_tasks()), max(all_tasks())) == (Task(10, 1), Task(30, 9))


def test_without_noise_every_demonstration_is_right() -> None:
    tasks = all_tasks()
    answers = Demonstrations(0, noise=0).draw(tasks, np.random.default_rng(1))
    assert [expression_score(task, answer) for task, answer in zip(tasks, answers, strict=True)] == [1.0] * 189


def test_half_of_the_demonstrations_are_spoilt_in_three_ways(demonstrations: Demonstrations) -> None:
    tasks = all_tasks() * 20
    answers = demonstrations.draw(tasks, np.random.default_rng(1))
    scores = np.array([expression_score(task, answer) for task, answer in zip(tasks, answers, strict=True)])
    assert (scores == 1).mean() == pytest.approx(0.5, abs=0.03)
    assert (scores == 0.5).mean() > 0.1
    assert (scores == 0).mean() > 0.05
    assert ((scores > 0) & (scores < 0.5)).mean() > 0.1


def test_every_task_has_dozens_of_right_answers_to_learn_from(demonstrations: Demonstrations) -> None:
    assert min(len(demonstrations.pool.right[task]) for task in all_tasks()) > 40


def test_demonstrations_depend_on_the_seed_and_on_nothing_else(demonstrations: Demonstrations) -> None:
    tasks = all_tasks()
    first = demonstrations.draw(tasks, numpy_rng(0, Use.DEMONSTRATIONS, 3))
    assert first == Demonstrations(0).draw(tasks, numpy_rng(0, Use.DEMONSTRATIONS, 3))
    assert first != demonstrations.draw(tasks, numpy_rng(0, Use.DEMONSTRATIONS, 4))
    assert first != Demonstrations(1).draw(tasks, numpy_rng(0, Use.DEMONSTRATIONS, 3))


def test_every_demonstration_fits_and_reads_back(demonstrations: Demonstrations) -> None:
    answers = demonstrations.draw(all_tasks() * 5, np.random.default_rng(2))
    rows = answer_rows(answers)
    assert rows.shape == (945, MOST_ANSWER_TOKENS)
    assert [decode(row) for row in rows] == answers
    assert ((rows == END_ID).sum(axis=1) == 1).all()


def test_random_numbers_differ_by_seed_use_and_step() -> None:
    seeds = {torch_seed(seed, use, step) for seed in range(3) for use in Use for step in range(3)}
    assert len(seeds) == 3 * len(Use) * 3
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_a_prompt_has_six_tokens_and_an_answer_one_a_character() -> None:
    assert prompt_rows([task.prompt for task in all_tasks()]).shape == (189, PROMPT_TOKENS)
    assert len(encode("(3*7)+3")) == 7
    assert decode([*encode("3*7+3"), END_ID, *encode("9"), PAD_ID]) == "3*7+3"
    assert answer_rows(["1"]).tolist() == [[encode("1")[0], END_ID] + [PAD_ID] * 14]


def test_a_pool_holds_expressions_over_the_digits_one_to_nine(demonstrations: Demonstrations) -> None:
    for target, texts in demonstrations.pool.reaching.items():
        assert {value(parse(text)) for text in texts} == {target}
        assert {digit for text in texts for digit in numbers(parse(text))} <= set(range(1, 10))


def test_the_rate_rises_and_falls() -> None:
    recipe = Recipe("r", "base", "small", "demonstrations", steps=100, rate=1.0, look_every=10, warm_up=10, falls=True)
    assert [recipe.rate_at(step) for step in (0, 4, 50, 99)] == pytest.approx([0.1, 0.5 * 0.96, 0.5, 0.1])
    assert {WAVES[1][0].rate_at(step) for step in range(500)} == {1.2e-4}


def test_the_tuned_models_differ_in_their_reward_alone() -> None:
    outcome, joint = WAVES[1]
    changed = {name for name in vars(outcome) if getattr(outcome, name) != getattr(joint, name)}
    assert changed == {"name", "stage", "lesson"}


@pytest.mark.parametrize("scale", [0, -1, 1.5, float("nan")])
def test_a_scale_outside_its_range_is_refused(scale: float) -> None:
    with pytest.raises(InputError, match=r"--scale in \(0, 1\]"):
        scaled(WAVES, scale)


def test_a_scale_multiplies_the_steps_of_every_model() -> None:
    assert [[recipe.steps for recipe in wave] for wave in scaled(WAVES, 0.1)] == [[80, 80], [50, 50]]
