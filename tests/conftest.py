"""For all tests: no real account is ever within reach."""

import os

import moto  # noqa: F401 - has to be imported before the first AWS client is made

os.environ |= {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "POWERTOOLS_SERVICE_NAME": "licensing",
    "POWERTOOLS_METRICS_NAMESPACE": "Licensing",
}
