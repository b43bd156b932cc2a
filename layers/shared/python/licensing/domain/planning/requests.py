"""What is asked of planning."""

from typing import Annotated

from pydantic import Field

from licensing.domain.assigning.requests import NetworkId
from licensing.domain.core.instants import Instant
from licensing.domain.core.limits import MAX_AUTOMATIC, MAX_EMAILS, MAX_PLANNED
from licensing.domain.core.records import Value
from licensing.domain.core.texts import Email, Name, SerialText, TenantId
from licensing.domain.licenses.types import DeviceCategory
from licensing.domain.planning.price_list import Strategy


class PolicyRequest(Value):
    """Standing auto-association: whether, for which categories (all unless named), how long before a device's end, and
    how many a day at most (D41)."""

    enabled: bool
    categories: Annotated[tuple[DeviceCategory, ...], Field(min_length=1, max_length=7)] | None = None
    within_days_of_end: Annotated[int, Field(ge=1, le=365)]
    most_a_day: Annotated[int, Field(ge=1, le=MAX_AUTOMATIC)] | None = None


class RenewalRequest(Value):
    """ "Covered until `until`": the devices named, those of a network or a category, those that end before an instant,
    or all. With a partner, a customer and addresses the draft can be ordered as it is (D39)."""

    until: Instant
    serials: Annotated[tuple[SerialText, ...], Field(min_length=1, max_length=MAX_PLANNED)] | None = None
    network_id: NetworkId | None = None
    category: DeviceCategory | None = None
    ending_before: Instant | None = None
    strategy: Strategy = "lowest_price"
    use_stock: bool = True
    co_term: bool = True
    partner_id: TenantId | None = None
    customer: Name | None = None
    delivery_emails: Annotated[tuple[Email, ...], Field(min_length=1, max_length=MAX_EMAILS)] | None = None
