"""Phrases that answers share word for word: how often two models' answers to a prompt have one, and which ones they are."""

from triaxis.measure.population_phrases.run import phrases_of_texts

__all__ = ["phrases_of_texts"]
