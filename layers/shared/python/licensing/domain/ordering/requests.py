"""What a partner sends: a purchase order, checked whole, all its faults told at once (D3, D4)."""

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from licensing.domain.core.instants import Instant
from licensing.domain.core.limits import MAX_EMAILS, MAX_LINES
from licensing.domain.core.records import Value
from licensing.domain.core.texts import Email, Locale, Name, PoNumber, TenantId
from licensing.domain.licenses.catalog import Quantity, catalog
from licensing.domain.ordering.order_ids import RenewalId, order_id_of


def _known_model(sku: str) -> str:
    if sku not in catalog():
        raise PydanticCustomError("unknown_license_model", "is no license model of the catalogue")
    return sku


class LineRequest(Value):
    """What a partner orders in one line."""

    license_model: Annotated[str, AfterValidator(_known_model)]
    quantity: Quantity


class OrderRequest(Value):
    """A purchase order as it is received (D3); `renewal_id`: the plan that says where its licenses go (D40)."""

    partner_id: TenantId
    po_number: PoNumber
    customer: Name
    locale: Locale | None = None
    lines: Annotated[tuple[LineRequest, ...], Field(min_length=1, max_length=MAX_LINES)]
    delivery_emails: Annotated[tuple[Email, ...], Field(min_length=1, max_length=MAX_EMAILS)]
    renewal_id: RenewalId | None = None

    @field_validator("lines", mode="wrap")
    @classmethod
    def each_model_once(cls, lines: Any, check: ValidatorFunctionWrapHandler) -> tuple[LineRequest, ...]:
        """No model on two lines (D3), told together with whatever else is wrong with the lines."""
        faults: list[InitErrorDetails] = []
        checked: tuple[LineRequest, ...] = ()
        try:
            checked = check(lines)
        except ValidationError as error:
            faults = [_again(fault) for fault in error.errors(include_url=False)]
        if faults := faults + _repeated(lines):
            raise ValidationError.from_exception_data("lines", faults)
        return checked

    @property
    def order_id(self) -> str:
        return order_id_of(self.partner_id, self.po_number)

    @property
    def recipients(self) -> tuple[str, ...]:
        """Each address once."""
        return tuple(dict.fromkeys(self.delivery_emails))


def _again(fault: ErrorDetails) -> InitErrorDetails:
    context = {"text": fault["msg"]} | fault.get("ctx", {})
    kind = PydanticCustomError(fault["type"], "{text}", context)
    return InitErrorDetails(type=kind, loc=fault["loc"], input=None)


def _repeated(lines: Any) -> list[InitErrorDetails]:
    first: dict[Any, int] = {}
    faults = []
    for number, line in enumerate(lines if isinstance(lines, list | tuple) else ()):
        sku = (
            line.license_model
            if isinstance(line, LineRequest)
            else isinstance(line, dict) and line.get("license_model")
        )
        if not isinstance(sku, str):
            continue
        if sku in first:
            text = f"stands in line {first[sku] + 1} already; order the sum in one line"
            kind = PydanticCustomError("duplicate_license_model", "{text}", {"text": text})
            faults.append(InitErrorDetails(type=kind, loc=(number, "license_model"), input=None))
        first.setdefault(sku, number)
    return faults


class CompletionRequest(Value):
    completed_at: Instant | None = None


class DeliveriesRequest(Value):
    recipients: Annotated[tuple[Email, ...], Field(min_length=1, max_length=50)] | None = None


class ReissueRequest(Value):
    """`reason` is for the ledger."""

    reason: Name | None = None
