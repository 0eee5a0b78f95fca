"""Encoders: texts to unit vectors, on this machine or from an endpoint, each distinct text once, remembered on disk.

`open_embedder("minilm" | "minilm:bfloat16" | "hf:NAME_OR_PATH" | "openai:MODEL@BASE_URL")` is the way in; importing this
package registers the three under kind "embedder". Nothing heavy is imported, no file is opened and no environment read
before the first call.
"""

from triaxis.models.embedding import endpoint, huggingface, minilm
from triaxis.models.embedding.cached import CachedEmbedder, CacheWarning, Counts, cache_directory, open_embedder
from triaxis.models.embedding.errors import EmbeddingError

__all__ = [
    "open_embedder", "CachedEmbedder", "Counts", "CacheWarning", "EmbeddingError", "cache_directory",
    "endpoint", "huggingface", "minilm",
]  # fmt: skip
