"""Verifies a transaction token with PyJWT, as docs/verify-upstream.md shows it: token, issuer, audience and the key set as JSON
on standard input; on standard output `verified` and the human, or `refused` and why."""

import json
import sys

import jwt

given = json.load(sys.stdin)
keys = {"keys": [key for key in given["jwks"]["keys"] if "txn" in key.get("errand_use", ["txn"])]}
try:
    header = jwt.get_unverified_header(given["token"])
    claims = jwt.decode(
        given["token"],
        jwt.PyJWKSet.from_dict(keys)[header["kid"]],
        algorithms=["ES256"],
        issuer=given["issuer"],
        audience=given["audience"],
        options={"require": ["iss", "aud", "exp", "iat", "txn"]},
    )
    if header["typ"] != "txntoken+jwt":
        raise jwt.InvalidTokenError("typ")
    print("verified", claims["sub"])
except (jwt.PyJWTError, KeyError) as wrong:
    print("refused", wrong)
