"""What goes wrong after a pair scorer was found: it answers nothing to any pair."""

from triaxis.errors import TriaxisError


class PairError(TriaxisError):
    """A pair scorer cannot go on; what it said before is kept on disk."""
