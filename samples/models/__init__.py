"""The rows of the samples domain: the catalogue, what is known of a sample, the ledger's movements and holds."""

from samples.models.catalogue import Mission, Sample
from samples.models.knowledge import Dataset, Treatment
from samples.models.movement import Hold, Movement

__all__ = ["Dataset", "Hold", "Mission", "Movement", "Sample", "Treatment"]
