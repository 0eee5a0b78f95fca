"""What depends on the domain: what tuning does to variety there, how open its tasks are, and what a quality bar takes away.

`pairs` says which models are compared, `changes` (counts) and `level_changes` (texts; `set_changes` where a cell is a set) by how
much, with `bands` and `change_rows`. `openness` tells how many right answers a task admits, `flips` holds it against the floor
of a flip. `filter_effect` and `filter_second` look at the bar. `classify` gives prompts a domain by `rules`.
"""
