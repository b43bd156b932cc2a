"""Printed documents in S3; the bucket encrypts with its own KMS key."""

from urllib.parse import quote

from licensing.adapters.aws import client

LINK_SECONDS = 300


class S3Documents:
    """`licensing.ports.Documents`."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def put(self, name: str, content: bytes) -> None:
        client("s3").put_object(Bucket=self._bucket, Key=name, Body=content, ContentType="application/pdf")

    def get(self, name: str) -> bytes:
        return bytes(client("s3").get_object(Bucket=self._bucket, Key=name)["Body"].read())

    def link(self, name: str, file_name: str) -> str:
        return str(
            client("s3").generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._bucket,
                    "Key": name,
                    "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(file_name, safe='')}",
                },
                ExpiresIn=LINK_SECONDS,
            )
        )
