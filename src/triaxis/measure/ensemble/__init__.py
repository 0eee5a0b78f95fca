"""Mixtures of models under one budget: which models, how many draws of each, and what each further model is worth.

`ensemble_of_counts` is the front door. `pool` holds the counts, `profile` compresses those of a few models, `allocate` gives out
draws, `growth` lets models join, `bound` says what nothing can exceed, `rows` makes the tables.
"""

from triaxis.measure.ensemble.run import ensemble_of_counts

__all__ = ["ensemble_of_counts"]
