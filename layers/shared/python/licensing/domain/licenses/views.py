"""The catalogue as the API shows it."""

from licensing.domain.core.records import Value
from licensing.domain.licenses.catalog import LicenseModel


class ModelsView(Value):
    items: tuple[LicenseModel, ...]
    next_cursor: None = None
