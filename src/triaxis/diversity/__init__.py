"""Diversity: what counts as the same answer (`equivalence`), and how different a set of answers is."""
