"""Clients of models: what turns text into vectors. Beside the axes, which never import it: they are given an `Embedder`."""
