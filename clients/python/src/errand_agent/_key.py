"""A holder's key and what it signs."""

import hashlib
import json
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey

_ALGORITHMS = {("OKP", "Ed25519"): "Ed25519", ("EC", "P-256"): "ES256"}
_PUBLIC = ("crv", "kty", "x", "y")


def sha256(text: str) -> str:
    """SHA-256 of an ASCII text, as unpadded base64url."""
    return urlsafe_b64encode(hashlib.sha256(text.encode("ascii")).digest()).rstrip(b"=").decode("ascii")


def canonical(value: Any) -> bytes:
    """The JSON of a value with sorted members and no white space, so that the same claims have the same bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Key:
    """A private key that holds a token: Ed25519, or P-256. It is kept in memory, and its text form has no secret."""

    def __init__(self, key: OKPKey | ECKey) -> None:
        jwk = key.as_dict(private=False)
        algorithm = _ALGORITHMS.get((str(jwk.get("kty")), str(jwk.get("crv"))))
        if algorithm is None or not key.is_private:
            raise ValueError("the key must be a private Ed25519 (OKP) or P-256 (EC) JWK")
        self._key = key
        self.algorithm = algorithm
        #: The public JWK, with no other members than those of RFC 7638.
        self.jwk: dict[str, str] = {name: str(jwk[name]) for name in _PUBLIC if name in jwk}
        #: The thumbprint of RFC 7638.
        self.thumbprint: str = sha256(canonical(self.jwk).decode("ascii"))

    @classmethod
    def generate(cls) -> "Key":
        """A fresh Ed25519 key."""
        return cls(OKPKey.generate_key("Ed25519", private=True))

    @classmethod
    def of(cls, jwk: Mapping[str, Any]) -> "Key":
        """The key of a private JWK."""
        members = {name: jwk[name] for name in (*_PUBLIC, "d") if name in jwk}
        if members.get("kty") not in ("OKP", "EC"):
            raise ValueError("the key must be a private Ed25519 (OKP) or P-256 (EC) JWK")
        return cls((OKPKey if members["kty"] == "OKP" else ECKey).import_key(members))

    def sign(self, typ: str, claims: Mapping[str, Any], **header: Any) -> str:
        """A compact JWS of these claims; header and claims are in their canonical form."""
        protected = json.loads(canonical({"alg": self.algorithm, "typ": typ, **header}))
        return jws.serialize_compact(protected, canonical(claims), self._key, algorithms=[self.algorithm])

    def proof(
        self,
        method: str,
        url: str,
        token: str | None = None,
        nonce: str | None = None,
        *,
        jti: str | None = None,
        now: int | None = None,
    ) -> str:
        """A DPoP proof (RFC 9449), good for one request.

        ``url`` is the gateway's issuer and the path as it is sent; a query is left out. ``token`` is the token that the
        proof goes with; the token endpoint wants none. ``jti`` and ``now`` are for tests.
        """
        claims: dict[str, Any] = {
            "jti": jti or str(uuid.uuid4()),
            "iat": int(time.time()) if now is None else now,
            "htm": method,
            "htu": url.split("?")[0].split("#")[0],
        }
        if token is not None:
            claims["ath"] = sha256(token)
        if nonce is not None:
            claims["nonce"] = nonce
        return self.sign("dpop+jwt", claims, jwk=self.jwk)

    def __repr__(self) -> str:
        return f"<{self.algorithm} key {self.thumbprint}>"
