"""The licence models that can be bought: data, one row each in `catalog.json` (D1, D2).

A row's meaning never changes once keys were sold under its sku: what changes is sold under a new one.
"""

import json
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import DAY
from licensing.domain.core.limits import MAX_QUANTITY
from licensing.domain.core.records import Value
from licensing.domain.licenses.types import DeviceCategory, Type

Scope = Literal["device", "organization", "msp"]
Category = DeviceCategory | Literal["ai", "msp"]
Portal = Literal["organization", "msp"]

FORCED_ACTIVATION = 90 * DAY

Sku = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{1,39}$")]
Price = Annotated[str, StringConstraints(pattern=r"^\d+\.\d{2}$")]


class LicenseModel(Value):
    """One row of the catalogue. `term_days` is None for what never ends, `category` None for what fits any device."""

    sku: Sku
    name: str
    scope: Scope
    category: Category | None
    type: Type
    term_days: Annotated[int, Field(ge=1)] | None
    seats: Annotated[int, Field(ge=1)] | None = None
    shareable_devices: Annotated[int, Field(ge=2)] | None = None
    tokens: Annotated[int, Field(ge=1)] | None = None
    list_price: Price | None = None

    @property
    def portal(self) -> Portal:
        """Where keys of this model are claimed (D10)."""
        return "msp" if self.scope == "msp" else "organization"

    @property
    def term(self) -> timedelta | None:
        """The term, exactly `term_days` × 24 h (D20)."""
        return None if self.term_days is None else self.term_days * DAY

    def forced_activation_at(self, issued_at: datetime) -> datetime | None:
        """When a licence starts to burn at the latest (D19); only per-device licences do (D14)."""
        return issued_at + FORCED_ACTIVATION if self.scope == "device" else None


class CatalogError(ValueError):
    """The catalogue file has a bad row; the message says which and why."""


Catalog = dict[str, LicenseModel]


def read_catalog(text: str) -> Catalog:
    """The catalogue in `text`, a JSON array of rows; raises CatalogError that names the row at fault."""
    models: Catalog = {}
    for number, row in enumerate(json.loads(text), 1):
        try:
            model = LicenseModel.model_validate(row)
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(str(part) for part in problem["loc"])
            raise CatalogError(f"catalogue row {number}, {where}: {problem['msg']}") from error
        if model.sku in models:
            raise CatalogError(f"catalogue row {number}: {model.sku} stands there twice")
        models[model.sku] = model
    return models


@cache
def catalog() -> Catalog:
    """The catalogue that ships with the code."""
    return read_catalog((Path(__file__).parent / "catalog.json").read_text())


def model_of(sku: str) -> LicenseModel:
    """The model with this sku; raises `unknown_license_model`."""
    if (model := catalog().get(sku)) is None:
        raise Refusal(
            "unknown_license_model",
            f"There is no license model {sku}.",
            "Choose one of those in the catalogue.",
        )
    return model


Quantity = Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY)]
