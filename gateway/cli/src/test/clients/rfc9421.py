"""Verifies the signature of one request with an RFC 9421 library that is not ours: the request, its URL and the key set as
JSON on standard input; on standard output `verified` and what the signature covers, or `refused` and why."""

import base64
import json
import sys
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)

given = json.load(sys.stdin)
keys = {key["kid"]: key for key in given["jwks"]["keys"] if "message" in key["errand_use"]}


class Keys(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id):
        x = keys[key_id]["x"]
        return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(x + "=" * (-len(x) % 4)))


class Headers(list):
    def items(self):
        return list(self)


message = SimpleNamespace(method=given["method"], url=given["url"], headers=Headers(map(tuple, given["headers"])))
body = given["body"].encode()
try:
    results = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=Keys()).verify(
        message,
        expect_tag="errand",
        require_components=["@method", "@authority", "@path", "@query", "txn-token"],
        body=body if given["digested"] else None,
    )
    print("verified", *sorted(results[0].covered_components))
except InvalidSignature as wrong:
    print("refused", wrong)
