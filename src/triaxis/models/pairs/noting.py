"""What a classifier has to say of the texts it saw."""

from triaxis.models.pairs.classifier import PairClassifier


def classifier_notes(classifier: PairClassifier) -> tuple[str, ...]:
    """How many texts were cut, and trouble with the disk."""
    cut, trouble = classifier.truncated, classifier.trouble
    long = f"{cut} different texts are longer than {classifier.name} reads; it saw their beginning only"
    return (*([long] if cut else []), *([f"what pairs said is not kept: {trouble}"] if trouble else []))
