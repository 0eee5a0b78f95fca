"""The diversity metrics of every level inside `measure`: on a seeded sample of prompts, ungated and above quality floors."""

