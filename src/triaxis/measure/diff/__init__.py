"""What changed between two runs, from their counts alone, and whether a limit was broken beyond doubt."""

from triaxis.measure.diff.limits import Limit, parse_limit
from triaxis.measure.diff.run import Diff, diff

__all__ = ["Diff", "Limit", "diff", "parse_limit"]
