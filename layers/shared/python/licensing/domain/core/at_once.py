"""What one request may ask for, where a job may ask for more."""

from msgspec import Struct


class AtOnce(Struct, frozen=True):
    """Marks a field of a request: the most entries of a list, or the greatest number, that is done at once. A job takes
    what the field itself does."""

    most: int
