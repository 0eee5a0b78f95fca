"""Results: tables with fixed columns beside a manifest that says how every number was made."""

from triaxis.results.manifest import (
    SCHEMA_VERSION,
    Calibration,
    Caution,
    ClassExample,
    Gate,
    GateSummary,
    InputSummary,
    Manifest,
    ModelExample,
    ModelInfo,
    NotRun,
    PromptExample,
    Unmeasured,
)
from triaxis.results.saved import JSON_ROWS, Results, json_schema
from triaxis.results.schema import TABLES, empty_table

__all__ = [
    "Calibration",
    "Caution",
    "ClassExample",
    "Gate",
    "GateSummary",
    "InputSummary",
    "Manifest",
    "ModelExample",
    "ModelInfo",
    "NotRun",
    "PromptExample",
    "Unmeasured",
    "SCHEMA_VERSION",
    "JSON_ROWS",
    "TABLES",
    "Results",
    "empty_table",
    "json_schema",
]
