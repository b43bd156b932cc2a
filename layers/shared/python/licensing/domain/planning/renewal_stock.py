"""An org's free licenses as a renewal takes them: the earliest forced activation first, each once (D39)."""

from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec import Struct

from licensing.domain.assigning.automatic import Kind, pools
from licensing.domain.licenses.licenses import Block, License, alike


class Alike(Struct):
    """So many licenses that differ by their numbers alone."""

    one: License
    left: int


class RenewalStock(Struct):
    """What is left of it. `units`: of co-termination."""

    piles: dict[Kind, list[Alike]]
    units: int = 0

    @classmethod
    def of(cls, free: Iterable[Block | License], valid_until: datetime) -> "RenewalStock":
        """What of it lasts as long as the plan: what has burned by then may have burned before it is bound."""
        everything = list(free)
        units = sum(len(each.free) for each in everything if isinstance(each, Block) and each.model.type == "co_term")
        return cls(
            {kind: [Alike(*each) for each in alike(pool)] for kind, pool in pools(everything, valid_until).items()},
            units,
        )

    def first(self, kind: Kind, wanted: Callable[[License], bool]) -> Alike | None:
        """The oldest of which there is one left, and that is wanted."""
        return next((each for each in self.piles.get(kind, ()) if each.left and wanted(each.one)), None)
