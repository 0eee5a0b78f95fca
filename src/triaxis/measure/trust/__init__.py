"""Which diversity metrics to distrust on the user's own samples, and why: `trust_report`, the table behind `--trust`."""

from triaxis.measure.trust.report import CHECKS, SCHEMA, trust_report

__all__ = ["CHECKS", "SCHEMA", "trust_report"]
