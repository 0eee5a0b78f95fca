"""Can your own evaluation see it? Known damage in graded doses, your score at each, and the smallest dose that it sees.

`run.blind` is the front door. `samples` and `table` are what goes in; `planting` says what damage is, `mode_copies`,
`worse_answers` and `simpler` plant it; `truth` measures what was planted; `evaluations` (`command`, `perplexity`) are what is
tested, `scoring` and `ledger` run it and remember; `halves` is the statistics, `response` the table and the verdicts, `words`,
`saved` and `page` what people get.
"""

from triaxis.blind.evaluations import Evaluation, parse_evaluations
from triaxis.blind.options import DOSES, REPLICATES, Trial
from triaxis.blind.response import Blindness, Verdict
from triaxis.blind.run import blind
from triaxis.blind.samples import Asked

__all__ = ["blind", "Asked", "Trial", "Blindness", "Verdict", "Evaluation", "parse_evaluations", "DOSES", "REPLICATES"]
