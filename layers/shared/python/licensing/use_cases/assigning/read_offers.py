"""Read what can be assigned to a device (D26)."""

from datetime import datetime

from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.fitting import fits
from licensing.domain.assigning.offers import offers
from licensing.domain.assigning.views import OffersView
from licensing.domain.core.instants import to_text
from licensing.domain.licenses.catalog import catalog
from licensing.listings import FreeLicensesOf
from licensing.ports import Store
from licensing.use_cases.assigning.load_devices import required


def read_offers(store: Store, org_id: str, serial: str, now: datetime) -> OffersView:
    """Of all free licences that fit; raises `not_found`."""
    ref = Device.ref_of(org_id, serial)
    device = required(store.get(ref), [ref])[0]
    fitting = tuple(model.sku for model in catalog().values() if fits(model, device))
    return offers(device, store.every(FreeLicensesOf(org_id, fitting, to_text(now))), now)
