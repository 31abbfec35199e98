"""Verifies that a request was permitted and sent by an Errand gateway. Needs the package `cryptography`.

python3 upstream.py --issuer ISS --trust-domain TD --jwks FILE --authority HOST[:PORT] [--at EPOCH_S] < request.json
prints the call's facts and exits 0, or `refused: <reason>` and exits 1. request.json: {method, target, headers, body}.
"""
import argparse, base64, hashlib, hmac, json, re, sys, time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

INPUT = re.compile(
    r'errand=((\([^()]*\));created=(\d{1,15});expires=(\d{1,15});keyid="([^"\\]{1,128})";alg="([a-z0-9-]{1,32})";tag="errand")')
BARE = '("@method" "@authority" "@path" "@query" "txn-token")'
WITH_DIGEST = BARE[:-1] + ' "content-digest")'
SKEW, LIFE = 30, 60


class Refused(Exception):
    pass


def demand(held, reason):
    if not held:
        raise Refused(reason)


def b64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def permits(jwk, use):
    """Whether the gateway may use the key for this purpose. `errand_use` lists the key's uses; without it the key has all."""
    uses = jwk.get("errand_use", [use])
    return isinstance(uses, list) and use in uses


def check(jwk, message, signature):
    """Verifies one signature by one key of the gateway: EdDSA over Ed25519, or ECDSA over P-256 as r || s."""
    try:
        if jwk["kty"] == "OKP":
            ed25519.Ed25519PublicKey.from_public_bytes(b64url(jwk["x"])).verify(signature, message)
        else:
            demand(len(signature) == 64, "signature")
            r, s = (int.from_bytes(signature[i : i + 32], "big") for i in (0, 32))
            x, y = (int.from_bytes(b64url(jwk[c]), "big") for c in "xy")
            key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
            key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        raise Refused("signature") from None


class Verifier:
    def __init__(self, issuer, trust_domain, jwks, authority):
        self.issuer, self.trust_domain, self.authority = issuer, trust_domain, authority
        self.keys = {k["kid"]: k for k in jwks["keys"]}
        self.seen = {}  # txn -> exp: a request is accepted once; share it between processes of one upstream

    def verify(self, method, target, headers, body, now):
        """The transaction token's claims; raises Refused. headers: a list of (name, value), body: bytes."""
        fields = {}
        for name, value in headers:
            fields.setdefault(name.lower(), []).append(value.strip())

        def single(name):
            demand(len(fields.get(name, [])) == 1, name)
            return fields[name][0]

        match = INPUT.fullmatch(single("signature-input"))
        demand(match, "signature-input")
        parameters, components, created, expires, keyid, alg = match.groups()
        digest = components == WITH_DIGEST
        demand(digest or components == BARE, "components")
        demand(digest or "content-digest" not in fields, "content-digest is not covered")
        created, expires = int(created), int(expires)
        demand(created <= now + SKEW and now < expires <= created + LIFE, "signature not in time")
        jwk = self.keys.get(keyid)
        demand(jwk, "unknown keyid: fetch the key set again")
        demand(permits(jwk, "message"), "keyid of another use")
        demand(alg == ("ed25519" if jwk["kty"] == "OKP" else "ecdsa-p256-sha256"), "alg")
        path, _, query = target.partition("?")
        lines = [
            ("@method", method),
            ("@authority", self.authority),  # as configured, lower case, without a default port; never the Host header
            ("@path", path or "/"),
            ("@query", "?" + query),
            ("txn-token", single("txn-token")),
        ]
        if digest:
            lines.append(("content-digest", single("content-digest")))
            value = "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"
            demand(hmac.compare_digest(value, single("content-digest")), "content-digest")
        base = "".join(f'"{n}": {v}\n' for n, v in lines) + '"@signature-params": ' + parameters
        value = re.fullmatch(r"errand=:([A-Za-z0-9+/=]{1,256}):", single("signature"))
        demand(value, "signature")
        check(jwk, base.encode(), base64.b64decode(value[1]))

        claims = self.claims(single("txn-token"), now)
        demand(claims["rctx"]["htm"] == method, "htm")
        self.seen = {txn: exp for txn, exp in self.seen.items() if exp > now}
        demand(claims["txn"] not in self.seen, "txn seen before")
        self.seen[claims["txn"]] = claims["exp"]
        return claims

    def claims(self, token, now):
        head, payload, signature = token.split(".")
        header, claims = json.loads(b64url(head)), json.loads(b64url(payload))
        jwk = self.keys.get(header.get("kid"))
        demand(jwk and permits(jwk, "txn"), "txn-token kid")
        demand(header.get("typ") == "txntoken+jwt" and "crit" not in header, "txn-token header")
        demand(header["alg"] == ("Ed25519" if jwk["kty"] == "OKP" else "ES256"), "txn-token alg")
        check(jwk, f"{head}.{payload}".encode(), b64url(signature))
        demand(claims["iss"] == self.issuer and claims["aud"] == self.trust_domain, "iss or aud")
        demand(claims["req_wl"] == f"spiffe://{self.trust_domain}/errand", "req_wl")
        iat, exp = claims["iat"], claims["exp"]
        demand(iat <= now + SKEW and now < exp <= iat + LIFE, "txn-token not in time")
        approval = claims["tctx"].get("approval")
        if approval is not None:  # a human let this very call pass
            demand(approval["id"] and approval["digest"].startswith("sha-256:"), "approval")
            demand(approval["by"] and all(by["iss"] and by["sub"] for by in approval["by"]), "approval")
        return claims


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--issuer", "--trust-domain", "--jwks", "--authority"):
        options.add_argument(name, required=True)
    options.add_argument("--at", type=int, default=int(time.time()))
    given = options.parse_args()
    with open(given.jwks, encoding="utf-8") as file:
        verifier = Verifier(given.issuer, given.trust_domain, json.load(file), given.authority)
    request = json.load(sys.stdin)
    try:
        claims = verifier.verify(
            request["method"], request["target"], request["headers"], request["body"].encode(), given.at)
    except (Refused, KeyError, ValueError) as refused:
        print("refused:", refused)
        return 1
    context = claims["tctx"]
    print("verified:", claims["txn"], "for", claims["sub"], context["op"], *context["resource"])
    if context.get("approval"):
        print("approved by:", *(f'{by["sub"]} at {by["iss"]}' for by in context["approval"]["by"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
