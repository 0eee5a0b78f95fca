"""Diversity of wording: how much of the set is said in words that others of the set also use.

`tokens` makes the views that all read; `distinct` (distinct-n, n-gram diversity, EAD), `type_token` (MATTR), `bleu` (self-BLEU
and pairwise BLEU), `self_repetition`, `compression`, `rouge_l` and `chrf` hold the metrics. Importing this registers them.
"""

from triaxis.diversity.lexical import bleu as bleu
from triaxis.diversity.lexical import chrf as chrf
from triaxis.diversity.lexical import compression as compression
from triaxis.diversity.lexical import distinct as distinct
from triaxis.diversity.lexical import rouge_l as rouge_l
from triaxis.diversity.lexical import self_repetition as self_repetition
from triaxis.diversity.lexical import type_token as type_token
