"""The profile of a data set: what it holds on each axis, where it has holes, and how the axes go together; never a sum.

`run` joins the parts: `quality`, `diversity` (with `distinct`, `twins`, `word_bags` and `word_pairs` for near-duplicates) and
`complexity` fill the table `profile`; `taxonomy` and `reference` (with `regions`, `word_vectors` and `verdicts`) fill `holes`;
`correlations` fills `axis_correlations`. `rows` is what all of them read, `figures` how sure a figure is.
"""

from triaxis.measure.profile.reference import open_reference
from triaxis.measure.profile.run import profile_of_texts
from triaxis.measure.profile.taxonomy import read_taxonomy

__all__ = ["open_reference", "profile_of_texts", "read_taxonomy"]
