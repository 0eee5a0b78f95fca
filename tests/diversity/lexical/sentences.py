"""Sets of texts that several lexical tests share."""

from hypothesis import strategies as st

README = [
    "The quick brown fox jumps over the lazy dog.",
    "The quick brown fox jumps over the lazy dog again.",
    "Suddenly, the quick brown fox leaps swiftly over the sleeping dog.",
]
"""The example of the README of cshaib/diversity."""

UNEVEN = [
    *README, "the the the the cat", "a b", "quick", "The quick brown fox jumps over the lazy dog.",
    "over the the lazy fox, over the lazy dog",
]  # fmt: skip
"""With a copy, short texts and repeated words."""

few_words = st.lists(st.sampled_from("abcde"), max_size=9).map(" ".join)
sets = st.lists(few_words, min_size=2, max_size=7)
