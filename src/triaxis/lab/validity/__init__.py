"""Validity: does a diversity number agree with people, and with what is known about a set of responses?

`validity` takes a file of response sets that people judged (or whose temperature or content diversity is known) and says, for
every metric, how well it ranks the sets; beside metrics that others published, on the same sets. This decides which metric is
shown by default, and what `--trust` cites.
"""

from triaxis.lab.validity.judged import JudgedSet, judged_sets
from triaxis.lab.validity.run import DRAWS, Validity, validity
from triaxis.lab.validity.written import as_json, data_sha256, markdown

__all__ = ["DRAWS", "JudgedSet", "Validity", "as_json", "data_sha256", "judged_sets", "markdown", "validity"]
