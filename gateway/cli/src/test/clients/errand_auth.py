"""The hook that every client of this folder is given: the headers of one call for a holder of a task.

A holder is a file of JSON: token, jwk (a private Ed25519 JWK) and issuer.
"""

import base64
import hashlib
import json
import time
import uuid
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Holder:
    def __init__(self, path):
        with open(path) as file:
            said = json.load(file)
        self.token, self.issuer = said["token"], said["issuer"]
        jwk = said["jwk"]
        self.public = {name: jwk[name] for name in ("kty", "crv", "x")}
        self.key = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(jwk["d"] + "=="))

    def headers(self, method, url):
        """The headers of one call; the proof names the path as it is sent, without the query."""
        header = {"typ": "dpop+jwt", "alg": "Ed25519", "jwk": self.public}
        claims = {
            "jti": str(uuid.uuid4()),
            "iat": int(time.time()),
            "htm": method,
            "htu": self.issuer + (urlsplit(url).path or "/"),
            "ath": b64(hashlib.sha256(self.token.encode()).digest()),
        }
        signed = b64(json.dumps(header).encode()) + "." + b64(json.dumps(claims).encode())
        proof = signed + "." + b64(self.key.sign(signed.encode()))
        return {"Authorization": "DPoP " + self.token, "DPoP": proof}


class RequestsAuth:
    """The hook of `requests`."""

    def __init__(self, holder):
        self.holder = holder

    def __call__(self, request):
        request.headers.update(self.holder.headers(request.method, request.url))
        return request


def refused(call, *codes):
    """Runs what must be refused with one of these statuses, whatever exception the client makes of it."""
    try:
        call()
    except Exception as error:  # each client has its own
        answer = getattr(error, "response", None)
        if isinstance(answer, dict):
            status = answer["ResponseMetadata"]["HTTPStatusCode"]
        else:
            status = getattr(error, "status", None) or getattr(answer, "status_code", None)
        # hvac has an exception for each status.
        status = status or {"Forbidden": 403, "InvalidRequest": 400}.get(type(error).__name__)
        assert status in codes, f"{type(error).__name__} {status} instead of {codes}: {error}"
        return
    raise AssertionError("it was not refused")
