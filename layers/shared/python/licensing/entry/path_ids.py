"""The ids in a path: checked by their pattern before anything is made of them, least of all a key of the table."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import StringConstraints, ValidationError

from licensing.domain.core.errors import not_found
from licensing.domain.core.records import Value
from licensing.domain.core.texts import JobId, SerialText, SignInEmail, TenantId
from licensing.domain.ordering.order_ids import OrderId, RenewalId
from licensing.domain.people.requests import TokenId
from licensing.entry.problems import bad_input


class PathIds(Value):
    """Every parameter that a path may have."""

    org_id: TenantId | None = None
    msp_id: TenantId | None = None
    partner_id: TenantId | None = None
    order_id: OrderId | None = None
    n: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,2}$")] | None = None
    serial: SerialText | None = None
    email: SignInEmail | None = None
    token_id: TokenId | None = None
    renewal_id: RenewalId | None = None
    job_id: JobId | None = None


# What each names, said as where it is looked for and missing.
NAMES = {
    "org_id": "organization",
    "msp_id": "MSP",
    "partner_id": "partner",
    "order_id": "order",
    "n": "order line",
    "serial": "device",
    "email": "person",
    "token_id": "API token",
    "renewal_id": "renewal",
    "job_id": "job",
}


def path_ids(given: Mapping[str, str], made: str | None) -> dict[str, str]:
    """The ids as they are looked up. One outside its pattern answers like one that nobody has: `not_found`; only of
    the one that the call makes (`made`) it is told what is wrong with it."""
    try:
        return PathIds.model_validate(given).model_dump(exclude_none=True)
    except ValidationError as error:
        names = [str(fault["loc"][0]) for fault in error.errors(include_url=False, include_input=False)]
        if names == [made]:
            raise bad_input(error) from None
        raise not_found(NAMES[names[0]]) from None
