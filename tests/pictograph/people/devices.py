"""Devices that keep passkeys, for tests: what a browser and its authenticator would say, for better or worse."""

import hashlib
import json
import secrets
import struct
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

ORIGIN = "http://localhost"
PRESENT, VERIFIED, NEW = 0x01, 0x04, 0x40


class Device:
    """One that keeps one passkey."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.person = ""

    def create(self, options: dict[str, Any], origin: str = ORIGIN, flags: int = PRESENT | VERIFIED) -> str:
        """Make the passkey that a page asks for."""
        key = options["publicKey"]
        self.person = key["user"]["id"]
        public = cbor.encode(dict(ES256.from_cryptography_key(self._key.public_key())))
        data = _head(key["rp"]["id"], flags | NEW) + bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        made = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        about = _client_data("webauthn.create", key["challenge"], origin)
        return self._said({"clientDataJSON": websafe_encode(about), "attestationObject": websafe_encode(made)})

    def get(self, options: dict[str, Any], origin: str = ORIGIN, flags: int = PRESENT | VERIFIED) -> str:
        """Show it."""
        key = options["publicKey"]
        data, about = _head(key["rpId"], flags), _client_data("webauthn.get", key["challenge"], origin)
        signature = self._key.sign(data + hashlib.sha256(about).digest(), ec.ECDSA(SHA256()))
        return self._said(
            {
                "clientDataJSON": websafe_encode(about),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": self.person,
            }
        )

    def _said(self, response: dict[str, str]) -> str:
        name = websafe_encode(self.id)
        said = {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
        return json.dumps(said)


def _head(site: str, flags: int) -> bytes:
    return hashlib.sha256(site.encode()).digest() + bytes([flags]) + bytes(4)


def _client_data(kind: str, challenge: str, origin: str) -> bytes:
    assert websafe_decode(challenge)
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()
