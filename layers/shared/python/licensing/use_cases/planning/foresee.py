"""What will be managed, what ends, what burns: month by month (D37, D38)."""

from datetime import datetime

from licensing.domain.assigning.devices import Device
from licensing.domain.core.instants import to_text
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.planning.forecast import forecast, together
from licensing.domain.planning.views import ForecastView
from licensing.listings import DevicesOf, FreeLicensesOf, OrgsOf
from licensing.ports import Store
from licensing.use_cases.inventory.stock import past


def forecast_of_org(store: Store, org_id: str, at: datetime, now: datetime, months: int) -> ForecastView:
    """Reads the org's devices and its free licenses; of an instant in the past its ledger since then as well."""
    if at < now:
        then = past(store, org_id, at)
        return forecast(then.devices.values(), [each for each in then.records if _is_free(each)], at, months)
    devices: list[Device] = list(store.every(DevicesOf(org_id)))
    return forecast(devices, store.every(FreeLicensesOf(org_id, after=to_text(at))), at, months)


def forecast_of_msp(store: Store, msp_id: str, at: datetime, now: datetime, months: int) -> ForecastView:
    """Of all the organizations that it looks after: one after the other is read."""
    orgs = store.every(OrgsOf(msp_id))
    return together([forecast_of_org(store, org.org_id, at, now, months) for org in orgs], at, months)


def _is_free(record: Block | License) -> bool:
    return isinstance(record, Block) or record.is_free
