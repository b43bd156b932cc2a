"""So many VPN seats at the lowest price: licenses of a gateway that run beside each other add up (D22, D39)."""

from collections import Counter
from collections.abc import Sequence

from licensing.domain.licenses.catalog import LicenseModel
from licensing.domain.planning.price_list import cents


def cheapest_seats(models: Sequence[LicenseModel], seats: int) -> Counter[str] | None:
    """The cheapest multiset with that many seats or more; ties by the fewest too many, then by the fewest licenses.

    None if there is none.
    """
    best: list[tuple[int, int, int, tuple[str, ...]] | None] = [(0, 0, 0, ())]
    for wanted in range(1, seats + 1):
        ways = []
        for model in models:
            before = best[max(wanted - (model.seats or 0), 0)]
            if model.seats and model.list_price and before is not None:
                cost, over, many, skus = before
                over += max(model.seats - wanted, 0)
                ways.append((cost + cents(model.list_price), over, many + 1, (*skus, model.sku)))
        best.append(min(ways, default=None))
    found = best[max(seats, 0)]
    return None if found is None else Counter(found[3])
