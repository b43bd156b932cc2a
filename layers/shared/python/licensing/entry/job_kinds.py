"""Which commands may run as jobs."""

from msgspec import Struct


class JobKind(Struct, frozen=True):
    """A command that may run as a job: under this action, `alone` if none of them may run beside another of its
    tenant's."""

    action: str
    alone: bool = False
