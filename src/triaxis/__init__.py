"""triaxis measures language-model data on three axes that are never folded into one score: quality, diversity, complexity.

    import triaxis.measure
    results = triaxis.measure.run("samples.jsonl", quality="score")

Start at `triaxis.measure` (the main job), `triaxis.results` (what comes out), `triaxis.protocols` (what you can bring).
"""
