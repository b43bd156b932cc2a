"""Read what can be assigned to a device (D26)."""

from datetime import datetime

from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.fitting import fits
from licensing.domain.assigning.offers import offers
from licensing.domain.assigning.views import OffersView
from licensing.domain.licenses.catalog import catalog
from licensing.listings import FreeLicensesOf
from licensing.ports import Store
from licensing.use_cases.assigning.load_devices import required


def read_offers(store: Store, org_id: str, serial: str, now: datetime) -> OffersView:
    """One query for each model that fits; raises `not_found`."""
    ref = Device.ref_of(org_id, serial)
    device = required(store.get(ref), [ref])[0]
    fitting = [model.sku for model in catalog().values() if fits(model, device)]
    free = (each for sku in fitting for each in store.every(FreeLicensesOf(org_id, sku)))
    return offers(device, free, now)
