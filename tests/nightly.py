"""A pytest plugin for `make nightly`: properties are tried with many more examples than anybody waits for by day."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "nightly", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("nightly")
