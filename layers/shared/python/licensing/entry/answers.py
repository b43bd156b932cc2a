"""What a route may answer besides an outcome and a view."""

from msgspec import Struct

from licensing.domain.core.records import Value


class Redirect(Struct, frozen=True):
    """An answer that lies elsewhere."""

    location: str


class NoContent(Struct, frozen=True):
    """It is done, and there is nothing to show (204)."""


class Accepted(Struct, frozen=True):
    """A job was taken in, or had been: what is known of it, and where it can be looked at."""

    job: Value
    location: str
    replayed: bool
