"""`triaxis schema`: the JSON Schema of results.json."""

import json

from triaxis.results import json_schema


def schema() -> None:
    """Print the JSON Schema that results.json obeys, for programs that read it."""
    print(json.dumps(json_schema(), indent=1))
