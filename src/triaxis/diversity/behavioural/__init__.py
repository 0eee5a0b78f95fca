"""Behavioural diversity: different final answers, different behaviours, different ways through a task."""

from triaxis.diversity.behavioural.actions import Action, actions_of
from triaxis.diversity.behavioural.answers import final_answer
from triaxis.diversity.behavioural.clusters import OutcomeClusters, chrf_distances, cluster_count
from triaxis.diversity.behavioural.distinct import DistinctAnswers, DistinctBehaviours, distinct_kinds
from triaxis.diversity.behavioural.trajectories import (
    ActionEditDistance,
    ActionNgrams,
    BranchEntropy,
    branch_entropy,
    mean_edit_distance,
)

__all__ = [
    "Action", "ActionEditDistance", "ActionNgrams", "BranchEntropy", "DistinctAnswers", "DistinctBehaviours", "OutcomeClusters",
    "actions_of", "branch_entropy", "chrf_distances", "cluster_count", "distinct_kinds", "final_answer", "mean_edit_distance",
]  # fmt: skip
