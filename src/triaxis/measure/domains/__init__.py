"""What depends on the domain: what tuning does to variety there, how open its tasks are, and what a quality bar takes away."""
