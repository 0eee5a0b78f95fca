"""From results to a decision: which model or mixture, how many draws, at which floor, for which goal; or what to buy to know.

`advise(results, goal=..., budget=..., need=...)` is the front door. It reads results only. `goals` holds the rules and what they
rest on, `view` the rows they look at, `chain` the choice among models, `spending` draws and prompts, `mixtures` the members,
`regrets` what other rules would have lost, `front` the answer without a goal, `words` the sentences.
"""

from triaxis.advise.advice import Advice
from triaxis.advise.api import advise
from triaxis.advise.goals import GOALS

__all__ = ["GOALS", "Advice", "advise"]
