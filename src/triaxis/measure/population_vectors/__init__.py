"""The population in an encoder's space: how alike the answers of one model are, of two models, and who their neighbours are.

One accumulator takes one prompt at a time (`PromptAnswers`), from a column of vectors or from embedded texts, and keeps sums
that are the same to the bit whatever order prompts come in.
"""

from triaxis.measure.population_vectors.rows import VectorBuffer, VectorRows
from triaxis.measure.population_vectors.run import population_of_texts, population_of_vectors

__all__ = ["VectorBuffer", "VectorRows", "population_of_texts", "population_of_vectors"]
