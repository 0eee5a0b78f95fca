"""Do the models of a run say the same? Diversity within and between models, likeness, effective models, clusters: all from counts."""

from triaxis.measure.population.run import population_of_counts

__all__ = ["population_of_counts"]
