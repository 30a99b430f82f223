"""Standard Webhooks (https://www.standardwebhooks.com): id, timestamp and body, signed by HMAC-SHA256."""

import base64
import binascii
import hashlib
import hmac

SECRET_PREFIX = "whsec_"
# The specification asks for 24 to 64 bytes; as text a shorter one can be guessed all the same.
SECRET_BYTES_MIN = 24


def key_of(secret: str) -> bytes:
    """The key that a secret stands for: base64 after whsec_, or its own bytes."""
    if not secret.startswith(SECRET_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("LARDER_SECRET begins with whsec_ but goes on with something else than base64") from error


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, message_id, timestamp, body),
    }
