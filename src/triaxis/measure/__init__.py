"""The main job: how many different usable answers a model gives, at every quality floor and budget.

import triaxis.measure
results = triaxis.measure.run("samples.parquet", quality="score", equivalence="lexical")
results.to_frame("usable_diversity")
"""

from triaxis.measure.api import Measured, measure_paths, run
from triaxis.measure.comparisons import Delta, parse_delta
from triaxis.measure.options import Options
from triaxis.measure.plan import Plan, plan
from triaxis.measure.store import RunStore, add

__all__ = ["Delta", "Measured", "Options", "Plan", "RunStore", "add", "measure_paths", "parse_delta", "plan", "run"]
