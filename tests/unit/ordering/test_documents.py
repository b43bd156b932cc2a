"""Links to documents hold in every region there is: S3 gives what KMS seals to signatures of version 4 only (D6)."""

from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import botocore.session
import pytest

from licensing.adapters.aws import client
from licensing.adapters.documents import S3Documents

SESSION = botocore.session.get_session()
REGIONS = [
    region
    for partition in SESSION.get_available_partitions()
    for region in SESSION.get_available_regions("s3", partition)
]


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    client.cache_clear()
    yield
    client.cache_clear()


def test_all_regions_are_looked_at() -> None:
    assert {"us-east-1", "eu-west-1", "eu-central-1", "cn-north-1", "us-gov-west-1"} <= set(REGIONS)
    assert len(REGIONS) > 40


@pytest.mark.parametrize("region", REGIONS)
def test_a_link_is_signed_by_version_4_for_the_regions_own_host(monkeypatch: pytest.MonkeyPatch, region: str) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    link = urlsplit(S3Documents("licensing-documents").link("orders/acme.1/line-001-k.pdf", "Łódź 1.pdf"))
    query = {name: values[0] for name, values in parse_qs(link.query).items()}
    assert link.scheme == "https"
    assert link.netloc.startswith(f"licensing-documents.s3.{region}.")
    assert link.path == "/orders/acme.1/line-001-k.pdf"
    assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert f"/{region}/s3/aws4_request" in query["X-Amz-Credential"]
    assert query["X-Amz-Expires"] == "300"
    assert unquote(query["response-content-disposition"]).endswith("''Łódź 1.pdf")


def test_a_link_of_the_local_stack_names_the_bucket_in_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    link = S3Documents("documents").link("orders/a/b.pdf", "b.pdf")
    assert link.startswith("http://127.0.0.1:4566/documents/orders/a/b.pdf?")
