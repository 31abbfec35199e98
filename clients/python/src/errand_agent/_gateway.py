"""The gateway as agents see it: its address, its issuer, and the endpoints that start and end tasks."""

import ipaddress
import json
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx

from ._key import Key
from ._refused import Refused, seconds

_TIMEOUT_SECONDS = 30
_MAX_ANSWER = 1 << 18
_PORTS = {"http": 80, "https": 443}
_METADATA = "/.well-known/oauth-authorization-server"


class Gateway:
    """One gateway: its address, and its issuer, which proofs name even if the address differs.

    On loopback the issuer is read from the gateway's metadata. Beyond loopback the address must be https, and the issuer in
    the metadata must be the address itself or ``issuer``.
    """

    def __init__(self, address: str, issuer: str | None = None, http: httpx.Client | None = None) -> None:
        self.address = address.rstrip("/")
        self._parts = urlsplit(self.address)
        if self._parts.scheme not in _PORTS or not self._parts.hostname or self._parts.query or self._parts.username:
            raise ValueError(f"the gateway's address is http[s]://host[:port], was {address!r}")
        loopback = is_loopback(self._parts.hostname)
        self._http = http or new_client(self.address)
        if self._parts.scheme == "http" and not loopback:
            raise ValueError(f"a gateway beyond loopback is reached by https, was {address!r}")
        #: The newest nonce that the gateway gave, which the next proof carries.
        self.nonce: str | None = None
        said = self._metadata()
        if said.rstrip("/") != (issuer or (said if loopback else self.address)).rstrip("/"):
            raise ValueError(f"the gateway calls itself {said!r}, not {issuer or self.address!r}")
        self.issuer = said.rstrip("/")

    @property
    def is_direct(self) -> bool:
        """Whether the gateway is reached directly, even if the environment names a proxy."""
        return is_loopback(self._parts.hostname or "")

    def target(self, url: str) -> str | None:
        """The path of a URL of this gateway, as the gateway sees it; None for a URL of another server."""
        parts = urlsplit(url)
        prefix = self._parts.path
        if _origin(parts) != _origin(self._parts) or not (parts.path or "/").startswith(prefix + "/"):
            return None
        return (parts.path or "/")[len(prefix) :]

    def post(self, key: Key, path: str, form: dict[str, str], token: str | None = None, chain: str = "") -> dict[str, Any]:
        """Posts a form with a proof, once more if the gateway asks for its nonce; ``Refused`` if the answer is no 200."""
        status, headers, answer = self._post(key, path, form, token, chain)
        if status in (400, 401) and "dpop-nonce" in headers:
            self.nonce = headers["dpop-nonce"]
            status, headers, answer = self._post(key, path, form, token, chain)
        if status == 200:
            return answer
        raise Refused(
            str(answer.get("error") or headers.get("errand-code") or "refused"),
            retry_after=seconds(headers.get("retry-after")),
            detail=str(answer.get("error_description") or answer.get("detail") or ""),
            status=status,
        )

    def _post(
        self, key: Key, path: str, form: dict[str, str], token: str | None, chain: str
    ) -> tuple[int, httpx.Headers, dict[str, Any]]:
        headers = {"DPoP": key.proof("POST", self.issuer + path, token, self.nonce)}
        if chain:
            headers["Delegation-Chain"] = chain
        return self._send("POST", path, headers, form)

    def _metadata(self) -> str:
        status, _, answer = self._send("GET", _METADATA, {}, None)
        issuer = answer.get("issuer")
        if status != 200 or not isinstance(issuer, str):
            raise ValueError(f"{self.address} is no Errand gateway: its metadata answered {status}")
        return issuer

    def _send(
        self, method: str, path: str, headers: dict[str, str], form: dict[str, str] | None
    ) -> tuple[int, httpx.Headers, dict[str, Any]]:
        return exchange(self._http, method, self.address + path, headers=headers, data=form)


def new_client(address: str) -> httpx.Client:
    """A client for starts and ends at this address. It keeps no connection open."""
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(timeout=_TIMEOUT_SECONDS, limits=limits, mounts=direct(address))


def direct(address: str) -> dict[str, None]:
    """The ``mounts`` of a client of httpx by which it reaches an address on loopback directly, not by the environment's proxy.

    Such an address may be plain http. A proxy would read the token and the proof, or the companion's secret.
    """
    host = urlsplit(address).hostname or ""
    if not is_loopback(host):
        return {}
    return {f"all://[{host}]" if ":" in host else f"all://{host}": None}


def exchange(http: httpx.Client, method: str, url: str, **content: Any) -> tuple[int, httpx.Headers, dict[str, Any]]:
    """Makes one request without redirects. Returns the JSON object of the answer; an empty one for any other body."""
    answer = http.send(http.build_request(method, url, **content), stream=True, follow_redirects=False)
    body = b""
    try:
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > _MAX_ANSWER:
                raise ValueError(f"the answer to {method} had more than {_MAX_ANSWER} bytes")
    finally:
        answer.close()
    try:
        told = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        told = {}
    return answer.status_code, answer.headers, told if isinstance(told, dict) else {}


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    try:
        return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:  # a port that is no number
        return "", None, None


def is_loopback(host: str) -> bool:
    """Whether a name or an address is on loopback, without a look-up."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
