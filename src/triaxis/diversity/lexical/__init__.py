"""Diversity of wording: how much of the set is said in words that others of the set also use.

`tokens` makes the views that all read; `distinct` (distinct-n, n-gram diversity, EAD), `type_token` (MATTR), `bleu` (self-BLEU and
pairwise BLEU), `self_repetition`, `compression`, `rouge_l` and `chrf` hold the metrics. Importing this registers them.
"""

from triaxis.diversity.lexical import distinct as distinct
