"""Quality: where a score comes from, and reasons to distrust it."""

from triaxis.quality.affinity import family_of, judge_family
from triaxis.quality.expression import ExpressionQuality, GameOf24Quality

__all__ = ["ExpressionQuality", "GameOf24Quality", "family_of", "judge_family"]
