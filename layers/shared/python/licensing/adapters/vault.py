"""Licence keys sealed by KMS (D8)."""

import base64

from licensing.adapters.aws import client


class KmsVault:
    """`licensing.ports.Vault`; the context is KMS's encryption context, so a swapped ciphertext does not open."""

    def __init__(self, key_id: str) -> None:
        self._key_id = key_id

    def seal(self, text: str, context: str) -> str:
        sealed = client("kms").encrypt(
            KeyId=self._key_id, Plaintext=text.encode(), EncryptionContext={"order_line": context}
        )
        return base64.b64encode(sealed["CiphertextBlob"]).decode()

    def open(self, ciphertext: str, context: str) -> str:
        # The key is named, though KMS would find it in the ciphertext: what another key sealed is none of ours.
        opened = client("kms").decrypt(
            CiphertextBlob=base64.b64decode(ciphertext), EncryptionContext={"order_line": context}, KeyId=self._key_id
        )
        return str(opened["Plaintext"].decode())
