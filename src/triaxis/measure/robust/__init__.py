"""How much of a flip is the rule: each one counted again under other thresholds, other partition rules and other gates.

`choice` says which, `recount` counts, `match` compares, `job.robustly` does all of it for every gate of a run. `corrected` puts
the rule's own error into the interval of a pairwise rate, where people have labelled pairs.
"""
