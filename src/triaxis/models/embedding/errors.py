"""What goes wrong after an encoder was found: it answers nothing, or something that is no vector."""

from triaxis.errors import TriaxisError


class EmbeddingError(TriaxisError):
    """An encoder or endpoint did not give one finite, non-zero vector per text; what it gave before is kept."""
