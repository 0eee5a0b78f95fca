"""Quality: where a score comes from, and reasons to distrust it."""

from triaxis.quality.affinity import family_of, judge_family

__all__ = ["family_of", "judge_family"]
