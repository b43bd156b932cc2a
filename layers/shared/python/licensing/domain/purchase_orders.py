"""What a partner sends: a purchase order, checked whole, all its faults told at once (D3, D4)."""

import hashlib
import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from licensing.domain.catalog import catalog
from licensing.domain.records import Value

MAX_LINES = 100
MAX_EMAILS = 50
MAX_QUANTITY = 100_000

_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


def _address(text: str) -> str:
    """The address with its domain in lower case; the local part is the receiver's business."""
    if not _EMAIL.fullmatch(text) or ".." in text or len(text) > 254:
        raise PydanticCustomError(
            "email",
            "not an e-mail address; write name@example.com (an international domain in its xn-- form)",
        )
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def _no_control(text: str) -> str:
    if any(ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u2028\u2029" for char in text):
        raise PydanticCustomError("control", "has control characters; use printable text")
    return text


Email = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_address)]
PartnerId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$")]
PoNumber = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), AfterValidator(_no_control)
]
CustomerName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_no_control)
]
Locale = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$")]
Quantity = Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY)]


def _known_model(sku: str) -> str:
    if sku not in catalog():
        raise PydanticCustomError("unknown_license_model", "no such license model; GET /license-models lists them")
    return sku


class LineRequest(Value):
    """What a partner orders in one line."""

    license_model: Annotated[str, AfterValidator(_known_model)]
    quantity: Quantity


class PlaceOrder(Value):
    """A purchase order as it is received (D3)."""

    partner_id: PartnerId
    po_number: PoNumber
    customer: CustomerName
    locale: Locale | None = None
    lines: Annotated[tuple[LineRequest, ...], Field(min_length=1, max_length=MAX_LINES)]
    delivery_emails: Annotated[tuple[Email, ...], Field(min_length=1, max_length=MAX_EMAILS)]

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


def order_id_of(partner_id: str, po_number: str) -> str:
    """`acme.1f6c…`: made from the natural key, so that one PO can't become two orders (D4).

    The partner stands in it, so that a caller's grants are checked before anything is read.
    """
    digest = hashlib.sha256(f"{partner_id}\n{po_number}".encode()).hexdigest()
    return f"{partner_id}.{digest[:20]}"


def partner_of(order_id: str) -> str:
    return order_id.rpartition(".")[0]
