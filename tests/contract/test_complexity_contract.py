"""The contract suite of complexity: every registered measure, plugins included, and measures that break it."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pytest

import triaxis.complexity  # noqa: F401  registers ours
from tests.contract import complexity_contract as contract
from tests.contract.complexity_contract import CHECKS, Check
from triaxis.complexity import TextMeasure, parse_measure
from triaxis.errors import MissingDependency
from triaxis.protocols import Complexity
from triaxis.registry import names

SPECS = (*names("complexity"), "rare-words:4", "words@prompt", "constraints@response")


def made_of(spec: str) -> Complexity:
    """The measure; skips where its package is not installed, with what to type."""
    try:
        return parse_measure(spec)
    except MissingDependency as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("spec", SPECS)
def test_a_measure_keeps_its_contract(spec: str, check: Check) -> None:
    made = made_of(spec)
    assert isinstance(made, Complexity)
    check(made)


@pytest.mark.parametrize("spec", SPECS)
def test_a_measure_of_ours_tells_a_reason_for_each_nan_and_only_for_those(spec: str) -> None:
    made = made_of(spec)
    assert isinstance(made, TextMeasure)
    values, reasons = made.scored(contract.samples(contract.TEXTS))
    assert [reason is not None for reason in reasons] == list(np.isnan(values))
    assert all(len(reason.split()) >= 2 for reason in reasons if reason)


@dataclass(frozen=True)
class Broken:
    """A measure that does one thing wrong."""

    how: str
    name: str = "broken"
    says: str = "How wrong it can be."
    unit: str = "mistakes"
    higher_is: str = "more complex"

    def scores(self, samples: pl.DataFrame) -> np.ndarray:
        lengths = samples["response"].str.len_chars().cast(pl.Float64).to_numpy().copy()
        wrong = {
            "ranks": lambda: np.argsort(np.argsort(lengths)).astype(np.float64), "sorts": lambda: np.sort(lengths),
            "zero": lambda: np.nan_to_num(lengths), "infinite": lambda: np.where(lengths > 9, np.inf, lengths),
            "integers": lambda: np.nan_to_num(lengths).astype(np.int64), "constant": lambda: lengths * 0 + 1,
            "draws": lambda: lengths + np.random.default_rng().random(len(lengths)),
        }  # fmt: skip
        return wrong[self.how]()


@pytest.mark.parametrize(
    ("how", "check"),
    [
        ("ranks", contract.rows_are_independent), ("sorts", contract.order_is_kept), ("zero", contract.no_text_has_no_value),
        ("infinite", contract.one_number_a_row), ("integers", contract.one_number_a_row),
        ("constant", contract.has_a_value_somewhere), ("draws", contract.asked_twice_says_the_same),
    ],
)  # fmt: skip
def test_a_measure_that_breaks_the_contract_is_seen(how: str, check: Check) -> None:
    with pytest.raises(AssertionError):
        check(Broken(how))


@pytest.mark.parametrize("field", ["name", "says", "unit", "higher_is"])
def test_a_measure_that_does_not_say_what_it_is_is_seen(field: str) -> None:
    contract.says_what_it_is(Broken("sorts"))
    with pytest.raises(AssertionError):
        contract.says_what_it_is(replace(Broken("sorts"), **{field: ""}))
