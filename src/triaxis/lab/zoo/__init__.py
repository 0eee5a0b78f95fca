"""The zoo: four small transformers trained from nothing on one CPU, on a task with many right answers.

Two base models learn from noisy demonstrations; two tuned ones start from the larger base and differ in nothing but what they are
paid for: being right, or being right and unlike the others. `train_zoo` leaves samples, models and a manifest; torch is needed to
train them, and not to measure what they wrote.
"""

from triaxis.lab.zoo.run import train_zoo

__all__ = ["train_zoo"]
