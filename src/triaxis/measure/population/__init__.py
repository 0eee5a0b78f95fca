"""Do the models of a run say the same? From counts: diversity within and between models, likeness, effective models, clusters."""

from triaxis.measure.population.run import population_of_counts

__all__ = ["population_of_counts"]
