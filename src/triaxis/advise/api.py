"""The front door: results and a wish in, `Advice` out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from triaxis.advise.advice import ADVISED, CANNOT_TELL, Advice, Figure, Share, Step
from triaxis.advise.chain import Race, chain, rivals
from triaxis.advise.front import candidates
from triaxis.advise.goals import COMPLEXITY, Goal, goal_of
from triaxis.advise.mixtures import ROUNDING, Mixture, Offer, mixture_at
from triaxis.advise.regrets import regrets
from triaxis.advise.request import Budget, check_domain, floor_of, gate_of, parse_budget
from triaxis.advise.spending import Spending, prompts_for, spend
from triaxis.advise.view import Duel, View
from triaxis.advise.words import figure, mixed, money
from triaxis.errors import InputError
from triaxis.results import Results

EXTRAPOLATED = "further prompts are taken to be like those of the run: that is an assumption, not a measurement"


def advise(
    results: Results, *, goal: str | None = None, budget: str | float | None = None, need: int | None = None,
    floor: float | None = None, domain: str | None = None, gate: str | None = None,
) -> Advice:  # fmt: skip
    """What to use for `goal`, or what to buy to know it; without a goal, which models are on the front.

    `budget` is money (`$50`) or a number of samples, for all prompts together; `need` a number of different usable answers.
    Raises `InputError` with near names for a goal, domain, gate or floor that is not there.
    """
    wanted, purse = goal_of(goal), parse_budget(budget)
    if need is not None and need < 1:
        raise InputError(f"expected to need at least 1 row, got {need}; type for example --need 10000")
    summary = gate_of(results, gate, domain)
    check_domain(summary, domain)
    view = View(results, summary, domain)
    if not view.models or not view.tested:
        where = "here" if domain is None else f"in domain {domain}"
        raise InputError(f"no usable diversity was measured {where}; triaxis report says what was not run and why")
    level, rule = floor_of(summary, floor, domain, view.shares)
    case = _Case(view, level, rule, purse, need)
    return case.front() if wanted is None else case.answer(wanted)


@dataclass(frozen=True)
class _Case:
    """One question, with everything that was checked."""

    view: View
    floor: float | None
    rule: str
    budget: Budget | None
    need: int | None

    def answer(self, goal: Goal) -> Advice:
        """The advice for `goal`."""
        race = Race(self.view, self.floor, self._spending(goal))
        if not race.spending.draws:
            raise InputError(f"{self.budget} pays for no draw of any model; type a larger --budget")
        if goal.criteria[0] == "usable share" and self.floor is None:
            return self._ungated(goal, race)
        steps = chain(race, goal.criteria)
        if not steps:
            raise InputError(f"no model has a value at floor {self.floor}; type a lower --floor")
        pick = race.order(steps[0].criterion, steps[-1].kept)[0]
        unsettled = rivals(race, steps, pick)
        single = (Share(pick, race.spending.draws[pick]),)
        made = self._plan(goal, race, single, self.view.usable(pick, self.floor, single[0].draws), steps, unsettled)
        return self._with_mixture(made, race) if goal.mixes and not self.view.is_set else made

    def _spending(self, goal: Goal) -> Spending:
        """Draws and prompts; a search draws as often as was measured, unless a budget says otherwise."""
        if self.budget is not None or goal.at_reach or self.need is None:
            return spend(self.view, self.budget)
        return self._enough()

    def _enough(self) -> Spending:
        """The fewest draws with which some model gives what is needed on the prompts of the run; else the most."""
        whole = spend(self.view, None)
        prompts = max(whole.prompts.values())
        for draws in self.view.tested:
            best = max((f.value for m in whole.draws if (f := self.view.usable(m, self.floor, draws))), default=0.0)
            if best * prompts >= (self.need or 0):
                return replace(whole, draws=dict.fromkeys(whole.draws, draws))
        return whole

    def _plan(
        self, goal: Goal, race: Race, choice: tuple[Share, ...], value: Figure | None, steps: tuple[Step, ...],
        unsettled: Sequence[tuple[str, Duel]],
    ) -> Advice:  # fmt: skip
        """The advice for one model, or for a mixture where `steps` led to one."""
        if value is None:
            raise InputError(f"{choice[0].model} has no value at floor {self.floor}; type a lower --floor")
        prompts = race.spending.prompts[choice[0].model]
        prompts, notes = self._needed(value, prompts)
        cost = self._cost(choice, prompts)
        buy = _buy(unsettled, self.view.domain) if unsettled else None
        found = Advice(
            "", CANNOT_TELL if unsettled else ADVISED, goal.name, self.view.summary.gate.label, self.view.domain, self.floor,
            self.rule, choice, prompts, value, value.times(prompts), cost, None if cost is None else "price",
            self._temperature(choice), buy, steps, candidates(race), self.view.complexity_measure,
            tuple(regrets(self.view, self.floor, race.spending.draws, choice, value)), goal.cites,
            (goal.why, COMPLEXITY, *race.spending.notes, *notes, *self._remarks()),
        )  # fmt: skip
        return replace(found, sentence=_sentence(found, unsettled, is_set=self.view.is_set))

    def _with_mixture(self, made: Advice, race: Race) -> Advice:
        """`made`, or the mixture in its place when that is better than every single model beyond doubt."""
        offer = self._offer(made)
        mixture, reason = mixture_at(self.view, self.floor, offer)
        if mixture is None:
            return replace(made, notes=(*made.notes, reason or "")) if len(self.view.models) > 1 else made
        if not mixture.is_better:
            return replace(made, notes=(*made.notes, mixture.evidence))
        if not self._holds(mixture, offer, made, race):
            return replace(made, notes=(*made.notes, _other_amount(mixture, offer)))
        return self._mixed(made, mixture, race)

    def _offer(self, made: Advice) -> Offer:
        """What there is to spend on each prompt of the run, in money where the budget is money that prices turn into draws."""
        if self.budget is None or not self.budget.is_money or not self.view.prices:
            return Offer(made.choice[0].draws, is_money=False)
        return Offer(self.budget.amount / max(self.view.prompts(m) for m in self.view.models), is_money=True)

    def _holds(self, mixture: Mixture, offer: Offer, made: Advice, race: Race) -> bool:
        """Whether the mixture, worked out for no more than `offer`, still beats the model of `made`, which may spend all of it.

        Where that model spends no more than the mixture was worked out for, they were tested; else intervals must not overlap.
        """
        if not offer.is_money:
            return mixture.offer.amount == offer.amount
        one, most = made.choice[0], max(self.view.prompts(m) for m in self.view.models)
        prompts = race.spending.prompts[one.model]
        if prompts == most and self.view.prices[one.model] * one.draws <= mixture.offer.amount * (1 + ROUNDING):
            return True
        alone = made.per_prompt and made.per_prompt.times(prompts / most)
        return bool(alone and alone.high is not None and mixture.value.low is not None and mixture.value.low > alone.high)

    def _mixed(self, made: Advice, mixture: Mixture, race: Race) -> Advice:
        at_hand = race.spending.prompts[made.choice[0].model]
        if mixture.offer.is_money:
            at_hand = max(self.view.prompts(m) for m in self.view.models)
        stale = () if made.per_prompt is None else self._needed(made.per_prompt, at_hand)[1]
        prompts, notes = self._needed(mixture.value, at_hand)
        cost = self._cost(mixture.shares, prompts)
        tested = {} if mixture.offer.is_money or mixture.over_one is None else {mixture.alone: mixture.over_one}
        lost = tuple(regrets(self.view, self.floor, race.spending.draws, mixture.shares, mixture.value, tested))
        kept = (*(note for note in made.notes if note not in stale), mixture.evidence, *notes)
        found = replace(
            made, verdict=ADVISED, choice=mixture.shares, prompts=prompts, per_prompt=mixture.value, buy=None, cost=cost,
            total=mixture.value.times(prompts), cost_unit=None if cost is None else "price", regrets=lost, notes=kept,
            temperature=self._temperature(mixture.shares), over_one=mixture.over_one, alone=mixture.alone,
        )  # fmt: skip
        return replace(found, sentence=_sentence(found, (), is_set=False))

    def _needed(self, value: Figure, prompts: int) -> tuple[int, tuple[str, ...]]:
        """Prompts to draw on, and what is to be said about what is needed."""
        if self.need is None:
            return prompts, ()
        if self.view.is_set:
            return 1, _set_need(self.need, value)
        if value.value <= 0:
            return prompts, (f"no number of prompts gives {self.need:,}: nothing usable was seen",)
        wanted = prompts_for(self.need, value.value)
        if wanted <= prompts:
            return wanted, (f"{self.need:,} different usable answers need {wanted:,} prompts; the {prompts:,} at hand suffice",)
        worst = f", {prompts_for(self.need, value.low):,} at the lower end of the interval" if value.low and value.low > 0 else ""
        given = value.times(prompts).value
        short = f"the {prompts:,} prompts at hand give {given:,.0f} of {self.need:,}: {wanted:,} prompts are needed{worst}"
        if self.budget is not None:
            return prompts, (f"{short}; {EXTRAPOLATED}",)
        return wanted, (f"{short}; {EXTRAPOLATED}",)

    def _cost(self, choice: tuple[Share, ...], prompts: int) -> float | None:
        prices = self.view.prices
        if any(share.model not in prices for share in choice):
            return None
        return sum(share.draws * prices[share.model] for share in choice) * prompts

    def _temperature(self, choice: tuple[Share, ...]) -> str:
        """What the labels of the models say of temperature."""
        by = [part.strip() for part in self.view.results.manifest.by.split(",")]
        place = next((i for i, part in enumerate(by) if "temperature" in part.lower()), None)
        if place is None:
            return "Temperature: it was not varied here; measure with --by model,meta.temperature to have it compared."
        told = [(share.model, share.model.split(" | ")) for share in choice]
        return "Temperature: " + ", ".join(f"{parts[place] if place < len(parts) else '?'} ({m})" for m, parts in told) + "."

    def _remarks(self) -> tuple[str, ...]:
        """What limits the answer."""
        every, compared = len(self.view.summary.models), len(self.view.models)
        notes = [f"chosen among the {compared} compared of {every} models"] if compared < every else []
        if compared == 1:
            notes.append("one model was measured: there is nothing to choose between, only how to use it")
        elif not self.view.is_compared:
            notes.append("the models were not compared on shared prompts, so intervals of each are all there is to go by")
        return tuple(notes)

    def _ungated(self, goal: Goal, race: Race) -> Advice:
        """No answer: the goal asks for quality first, and none was measured."""
        reason = "needs a quality of each sample; measure again with --quality COLUMN"
        return Advice(
            f"Cannot tell what to use for {goal.name} work: the goal asks for quality first, and this run {reason}.", CANNOT_TELL,
            goal.name, self.view.summary.gate.label, self.view.domain, None, self.rule, (), None, None, None, None, None,
            "Temperature: nothing was chosen.", reason, (), candidates(race),
            self.view.complexity_measure, (), goal.cites, (goal.why, *self._remarks()),
        )  # fmt: skip

    def front(self) -> Advice:
        """All models on all axes, and which of them are on the front."""
        race = Race(self.view, self.floor, spend(self.view, self.budget))
        found = candidates(race)
        front = [c.model for c in found if c.on_front]
        unsure = [c.model for c in found if c.on_front and not c.is_sure]
        doubt = f"; not beyond doubt: {', '.join(unsure)}" if unsure else ""
        many = f"{len(front)} of {len(found)} models are" if len(front) != 1 else f"1 of {len(found)} models is"
        sentence = (
            f"Without a goal there is no one answer: {many} on the front of usable share, usable diversity, complexity and cost"
            f" ({', '.join(front)}){doubt}; type --goal to have one chosen."
        )
        return Advice(
            sentence, ADVISED, None, self.view.summary.gate.label, self.view.domain, self.floor, self.rule, (), None, None, None,
            None, None, "Temperature: nothing was chosen.", None, (), found, self.view.complexity_measure, (), (),
            (*race.spending.notes, *self._remarks()),
        )  # fmt: skip


def _sentence(found: Advice, unsettled: Sequence[tuple[str, Duel]], *, is_set: bool) -> str:
    """The answer in one sentence."""
    per = figure(found.per_prompt)
    unit = "in the set" if is_set else "per prompt"
    at = "without a floor" if found.floor is None else f"at floor {found.floor:g}"
    use = f"{mixed(found.choice)}{'' if is_set else ' for each prompt'} {at}: {per} different usable answers expected {unit}"
    if not is_set and found.total is not None and found.prompts:
        use += f", {figure(found.total, 0)} on {found.prompts:,} prompts"
    if found.over_one is not None:
        use += f" ({figure(found.over_one)} more per prompt than the best single model, {found.alone})"
    if found.cost is not None:
        use += f", for {money(found.cost)}"
    if not unsettled:
        return f"For {found.goal} work, use {use}."
    names = ", ".join(model for model, _ in unsettled[:3]) + (f" and {len(unsettled) - 3} more" if len(unsettled) > 3 else "")
    return f"For {found.goal} work, cannot tell {found.choice[0].model} from {names}: {found.buy}; until then, use {use}."


def _buy(unsettled: Sequence[tuple[str, Duel]], domain: str | None) -> str:
    """What is expected to settle it, by the spread seen so far."""
    known = [duel.to_decide for _, duel in unsettled if duel.to_decide is not None]
    of = "of the same kind" if domain is None else f"of {domain}"
    if not known:
        return "no number of further prompts is known to decide"
    return f"buy {max(known):,} more prompts {of}"


def _other_amount(mixture: Mixture, offer: Offer) -> str:
    """What was found for less than `offer`, and how to have the rest."""
    again = "is not told from one model that spends more" if offer.is_money else f"measure again with --budget {offer.amount:g}"
    return f"for {mixture.offer}, a {mixture.evidence}; for {offer} none was worked out: {again}"


def _set_need(need: int, value: Figure) -> tuple[str, ...]:
    if value.value >= need:
        return (f"the set holds {need:,} different usable answers",)
    return (f"the set gives {value.value:,.0f} of {need:,}; how it goes on beyond its rows was not measured",)
