"""Documents in S3, printed keys and what jobs are asked for; the bucket encrypts with its own KMS key."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from urllib.parse import quote

from botocore.exceptions import ClientError

from licensing.adapters.aws import client
from licensing.ports import DocumentMissing

T = TypeVar("T")
A = TypeVar("A")

LINK_SECONDS = 300
# Of an order's lines: each waits for the network, and an invocation has few connections.
AT_ONCE = 8


class S3Documents:
    """`licensing.ports.Documents`."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def put(self, name: str, content: bytes, content_type: str = "application/pdf") -> None:
        # Without a condition: whoever prints a key again puts the same bytes under the same name.
        client("s3").put_object(Bucket=self._bucket, Key=name, Body=content, ContentType=content_type)

    def put_all(self, contents: Mapping[str, bytes]) -> None:
        _side_by_side(lambda each: self.put(*each), contents.items())

    def get_all(self, names: Sequence[str]) -> list[bytes]:
        return _side_by_side(self.get, names)

    def delete(self, name: str) -> None:
        client("s3").delete_object(Bucket=self._bucket, Key=name)

    def get(self, name: str) -> bytes:
        try:
            return bytes(client("s3").get_object(Bucket=self._bucket, Key=name)["Body"].read())
        except ClientError as error:
            # S3 says so to whoever may list the bucket; others hear AccessDenied.
            if error.response["Error"]["Code"] == "NoSuchKey":
                raise DocumentMissing(name) from error
            raise

    def names(self, prefix: str) -> frozenset[str]:
        # One page is enough: an order has a hundred lines (D3), and a document left out is only printed again.
        found = client("s3").list_objects_v2(Bucket=self._bucket, Prefix=prefix)
        return frozenset(each["Key"] for each in found.get("Contents", ()))

    def link(self, name: str, file_name: str) -> str:
        return str(
            client("s3").generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._bucket,
                    "Key": name,
                    # In the form of RFC 6266: a PO number, hence the name, may be in any script (D6).
                    "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(file_name, safe='')}",
                },
                ExpiresIn=LINK_SECONDS,
            )
        )


def _side_by_side(do: Callable[[T], A], each: Collection[T]) -> list[A]:
    client("s3")  # made once, and not by every thread
    with ThreadPoolExecutor(min(AT_ONCE, len(each) or 1)) as threads:
        return list(threads.map(do, each))
