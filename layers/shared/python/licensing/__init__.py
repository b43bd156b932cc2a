"""Licence fulfilment and entitlement for network gear."""

import gc

from licensing import bundles

# A start makes some 90,000 objects, and all of them stay: looking through them for garbage meanwhile finds none.
gc.set_threshold(150_000, 20, 100)
bundles.install()
