"""What a renewal plans for a device: which licenses, whence, and the ends they bring (D39)."""

from collections import Counter
from typing import Literal

from licensing.domain.assigning.devices import Device
from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Value
from licensing.domain.licenses.catalog import Sku
from licensing.domain.licenses.types import Type

Source = Literal["stock", "purchase"]


class PlanStep(Value):
    """So many licenses of a model, out of the stock or to be bought, and the end they bring the chain to."""

    license_model: Sku
    quantity: int
    source: Source
    brings_to: Instant


class ChainPlan(Value):
    """What one chain of a device gets, step by step; without steps it needs nothing.

    `current_end` is None for what was never covered; `new_end` the earliest that the chain can come to.
    """

    type: Type
    current_end: Instant | None = None
    new_end: Instant
    steps: tuple[PlanStep, ...] = ()

    def quantities(self, source: Source) -> Counter[str]:
        """By model."""
        found = Counter[str]()
        for each in self.steps:
            found[each.license_model] += each.quantity if each.source == source else 0
        return +found


class DevicePlan(Value):
    """A device's chains, Pro first; or why nothing can be planned for it, or could be carried out.

    `had`: how many associations, and how many undone; `bound`: of each chain's steps how many licenses are.
    """

    serial: str
    chains: tuple[ChainPlan, ...] = ()
    left_out: str | None = None
    # What it had when it was planned, or since the plan was last carried out: who changes that, changes the device.
    had: tuple[int, int] = (0, 0)
    bound: tuple[tuple[int, ...], ...] = ()

    def quantities(self, source: Source) -> Counter[str]:
        """Of all its chains, by model."""
        return sum((each.quantities(source) for each in self.chains), Counter[str]())


def holdings(device: Device) -> tuple[int, int]:
    """What tells whether a device has got or lost a license."""
    return len(device.associations), len(device.undone)
