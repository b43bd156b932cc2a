"""What callers send to claim keys and to move what keys brought."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from licensing.domain.core.limits import MAX_KEYS, MAX_LICENSE_IDS, MAX_QUANTITY
from licensing.domain.core.records import Value
from licensing.domain.core.texts import TenantId
from licensing.domain.licenses.catalog import Sku
from licensing.domain.licenses.licenses import LicenseId

Mode = Literal["all_or_nothing", "best_effort"]
# Out of every repr: what prints a request must not print a key (D8).
KeyText = Annotated[str, Field(repr=False)]
KeyTexts = Annotated[tuple[str, ...], Field(min_length=1, max_length=MAX_KEYS, repr=False)]


class ClaimRequest(Value):
    """The body of POST /orgs/{org_id}/claims."""

    license_keys: KeyTexts
    mode: Mode = "all_or_nothing"
    auto_associate: bool = False


class MspClaimRequest(Value):
    """The body of POST /msps/{msp_id}/claims."""

    license_keys: KeyTexts


class PreviewRequest(Value):
    license_key: KeyText


class MoveRequest(Value):
    """The body of POST /orgs/{org_id}/licenses/move: these very licences, or so many of a model, the oldest first."""

    to_org_id: TenantId
    license_ids: Annotated[tuple[LicenseId, ...], Field(min_length=1, max_length=MAX_LICENSE_IDS)] | None = None
    license_model: Sku | None = None
    quantity: Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY)] | None = None

    @model_validator(mode="after")
    def says_which_in_one_way(self) -> Self:
        given = (self.license_ids is not None, self.license_model is not None, self.quantity is not None)
        if given not in ((True, False, False), (False, True, True)):
            raise ValueError("give either license_ids, or license_model and quantity")
        return self


class TransferRequest(Value):
    to_org_id: TenantId
