"""Every few minutes: orders whose work broke off are resumed."""

from collections.abc import Mapping
from typing import Any

from licensing.entry import wiring
from licensing.entry.observability import logger
from licensing.use_cases.core.context import Context
from licensing.use_cases.ordering.sweep_orders import sweep_orders


def handler(_: Mapping[str, Any], __: object) -> dict[str, int]:
    loads = [wiring.queue(name).load() for name in ("generation", "delivery")]
    taken_up = sweep_orders(wiring.store(), wiring.publisher(), loads, Context("sweeper", wiring.now()))
    logger.info("swept", extra={"orders": taken_up})
    return {"orders": taken_up}
