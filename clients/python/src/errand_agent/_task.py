"""A task, or a part of it: what an agent holds."""

import contextlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self, Unpack

import httpx

from . import _http, _libraries
from ._calls import Holder
from ._companion import ask as ask_companion
from ._gateway import Gateway
from ._key import Key
from ._refused import Refused
from ._token import Narrowing, claims_of, derive

_TYPE = "urn:ietf:params:oauth:"
_LOOPBACK = "http://127.0.0.1:8080"
_LONGEST = 600.0


class Grant:
    """A token for a key that is held elsewhere, with the arguments for ``Task.of`` there."""

    def __init__(self, gateway: str, issuer: str, token: str, chain: str) -> None:
        self.gateway, self.issuer, self.token, self.chain = gateway, issuer, token, chain

    def as_dict(self) -> dict[str, str]:
        """The members of the grant, for JSON."""
        return {"gateway": self.gateway, "issuer": self.issuer, "token": self.token, "chain": self.chain}


class Task:
    """A token in a task with its key: make calls, derive children, end it. Use it in ``with``, which ends it.

    The key is made in memory and written nowhere. ``wait`` bounds for how many seconds one call is repeated if the gateway
    says that it may be repeated later (``Retry-After``). A call for which the gateway asks for its nonce or the whole chain
    is repeated at once, also without ``wait``. A call that may have reached the upstream is never repeated.
    """

    def __init__(self, gateway: Gateway, key: Key, token: str, chain: str = "", *, id: str = "", wait: float = 0) -> None:
        self._gateway, self._wait = gateway, wait
        self._holder = Holder(gateway, key, token, chain)
        claims = claims_of(token)
        #: The task's id; empty for a child that was derived elsewhere.
        self.id: str = id or str(claims.get("task", {}).get("id", ""))
        #: When the token ends, in seconds since 1970.
        self.expires_at: int = int(claims["exp"])

    @classmethod
    def start(
        cls,
        gateway: str = _LOOPBACK,
        *,
        template: str,
        subject_token: str | Path,
        svid: str | Path | None = None,
        parameters: Mapping[str, str | Sequence[str]] | None = None,
        subject_token_type: str = "jwt",
        instruction: Mapping[str, str] | None = None,
        allow: Mapping[str, Mapping[str, Any]] | None = None,
        calls: int | None = None,
        children: int | None = None,
        limits: Sequence[Mapping[str, int]] | None = None,
        issuer: str | None = None,
        key: Key | None = None,
        wait: float = 0,
        http: httpx.Client | None = None,
    ) -> Self:
        """Starts a task that a human authorised.

        ``subject_token`` is the human's JWT and ``svid`` the agent's JWT-SVID; a ``Path`` is read. Without ``svid`` an
        X.509-SVID is shown by ``http``, a client with that certificate. ``allow`` (the ``tools`` form), ``calls``,
        ``children`` and ``limits`` narrow the template. A refusal is ``Refused`` with the OAuth error as its code.
        """
        at, holder = Gateway(gateway, issuer, http), key or Key.generate()
        more = {"instruction": instruction, "calls": calls, "children": children, "limits": limits}
        form = {
            "grant_type": _TYPE + "grant-type:token-exchange",
            "subject_token": _read(subject_token),
            "subject_token_type": _TYPE + "token-type:" + subject_token_type,
            "requested_token_type": _TYPE + "token-type:access_token",
            "authorization_details": _details(template, parameters, more, allow),
            **_assertion(svid),
        }
        answer = at.post(holder, "/oauth2/token", form)
        return cls(at, holder, str(answer["access_token"]), id=str(answer.get("task_id", "")), wait=wait)

    @classmethod
    def ask(
        cls,
        tell: Callable[[str, str], object],
        gateway: str = _LOOPBACK,
        *,
        template: str,
        svid: str | Path | None = None,
        parameters: Mapping[str, str | Sequence[str]] | None = None,
        purpose: str | None = None,
        sequence: Sequence[Any] | None = None,
        human: Mapping[str, str] | None = None,
        instruction: Mapping[str, str] | None = None,
        allow: Mapping[str, Mapping[str, Any]] | None = None,
        calls: int | None = None,
        children: int | None = None,
        limits: Sequence[Mapping[str, int]] | None = None,
        issuer: str | None = None,
        key: Key | None = None,
        wait: float = 0,
        http: httpx.Client | None = None,
    ) -> Self:
        """Asks a human for a task at a page of the gateway, and waits until the human decided (RFC 8628).

        ``tell`` gets the address of the page and the code that the human types there. A ``Path`` as ``svid`` is read at each
        question, so it may be renewed meanwhile. ``purpose`` is shown to the human, ``sequence`` is a narrower plan, ``human``
        (``iss``, ``sub``) the only human who sees the request; all else is as for ``start``. ``Refused`` has the OAuth error as
        its code: ``access_denied`` if the human refused, ``expired_token`` if nobody decided in time.
        """
        at, holder = Gateway(gateway, issuer, http), key or Key.generate()
        more = {
            "purpose": purpose,
            "sequence": sequence,
            "human": human,
            "instruction": instruction,
            "calls": calls,
            "children": children,
            "limits": limits,
        }
        details = {"authorization_details": _details(template, parameters, more, allow)}
        asked = at.post(holder, "/oauth2/device_authorization", {**details, **_assertion(svid)})
        tell(str(asked["verification_uri_complete"]), str(asked["user_code"]))
        form = {"grant_type": _TYPE + "grant-type:device_code", "device_code": str(asked["device_code"])}
        interval = float(asked.get("interval", 5))
        until = time.monotonic() + min(float(asked.get("expires_in", _LONGEST)), _LONGEST)
        try:
            while True:
                time.sleep(min(interval, 60))
                try:
                    answer = at.post(holder, "/oauth2/token", {**form, **_assertion(svid)})
                    return cls(at, holder, str(answer["access_token"]), id=str(answer.get("task_id", "")), wait=wait)
                except Refused as refusal:
                    if refusal.code == "slow_down" or refusal.status == 429:
                        interval += 5
                    elif refusal.code != "authorization_pending" and refusal.status != 503:
                        raise
                    if time.monotonic() >= until:
                        raise Refused("expired_token", detail="no human allowed the task in time") from refusal
        except KeyboardInterrupt:
            # Nobody waits any more: the request leaves its place to another one.
            device = form["device_code"]
            with contextlib.suppress(Refused, httpx.HTTPError):
                at.post(holder, "/oauth2/revoke", {"token": device, **_assertion(svid)}, device)
            raise

    @classmethod
    def of(
        cls,
        token: str,
        key: Key,
        *,
        chain: str = "",
        gateway: str = _LOOPBACK,
        issuer: str | None = None,
        wait: float = 0,
        http: httpx.Client | None = None,
    ) -> Self:
        """A token that was started or derived elsewhere for this key; ``chain`` is empty for a root."""
        return cls(Gateway(gateway, issuer, http), key, token, chain, wait=wait)

    @classmethod
    def below(
        cls,
        url: str | None = None,
        *,
        allow: Mapping[str, Mapping[str, Any]] | None = None,
        calls: int | None = None,
        children: int | None = None,
        lifetime: int | None = None,
        instruction: Mapping[str, str] | None = None,
        wait: float = 0,
        http: httpx.Client | None = None,
    ) -> Self:
        """A child of the companion that this program runs under, by ``errand agent --derive N``.

        ``url`` is by default the value of ``ERRAND_DERIVE``. A bound that is left out is the companion's own. If the companion
        does not derive the child, the code of ``Refused`` is the step that would not verify.
        """
        key = Key.generate()
        asked = {"allow": allow, "calls": calls, "children": children, "lifetime": lifetime, "instruction": instruction}
        child = ask_companion(url, key, asked, http)
        more: dict[str, Any] = {name: child[name] for name in ("chain", "gateway", "issuer")}
        return cls.of(child["token"], key, wait=wait, http=http, **more)

    @property
    def token(self) -> str:
        """The token itself, which is worth nothing without the key."""
        return self._holder.token

    @property
    def chain(self) -> str:
        """The text of the ``Delegation-Chain`` header; empty for a root."""
        return self._holder.chain

    @property
    def key(self) -> Key:
        """The key that the token is bound to."""
        return self._holder.key

    @property
    def expires_in(self) -> int:
        """The seconds that are left of the token."""
        return max(0, self.expires_at - int(time.time()))

    def derive(self, **narrowing: Unpack[Narrowing]) -> Self:
        """A child of this token with a fresh key: ``allow``, ``calls``, ``children``, ``limits``, ``lifetime``, ….

        No request is made. A bound that is left out is this token's own; the lifetime is 300 seconds. Keep this task as
        long as its children work: ending it ends them.
        """
        key = Key.generate()
        grant = self.derive_for(key.jwk, **narrowing)
        return type(self)(self._gateway, key, grant.token, grant.chain, id=self.id, wait=self._wait)

    def derive_for(self, jwk: Mapping[str, str], **narrowing: Unpack[Narrowing]) -> Grant:
        """A child of this token for a key that is held elsewhere, by its public JWK."""
        token = derive(self.key, self.token, jwk, narrowing)
        chain = f"{self.chain}, {self.token}" if self.chain else self.token
        return Grant(self._gateway.address, self._gateway.issuer, token, chain)

    def end(self) -> None:
        """Ends this token and all below it; the end of a root ends the task."""
        self._gateway.post(self.key, "/oauth2/revoke", {"token": self.token}, self.token, self.chain)

    def headers(self, method: str, path: str) -> dict[str, str]:
        """The headers of one call, for a client without a hook here. They are good for one request."""
        return self._holder.headers(method, path.split("?")[0])

    def client(self, **options: Any) -> httpx.Client:
        """An ``httpx.Client`` at the gateway that signs each call and raises ``Refused``; ``options`` are httpx's."""
        return _http.client(self._holder, self._wait, options)

    def async_client(self, **options: Any) -> httpx.AsyncClient:
        """The same, for ``async`` code."""
        return _http.async_client(self._holder, self._wait, options)

    def auth(self, module: ModuleType = httpx) -> Any:
        """The ``auth`` of a client of ``httpx``, or of a module with its interface such as ``httpx2``."""
        return _http.auth(self._holder, self._wait, module)

    def requests_auth(self) -> Any:
        """The ``auth`` of a session of ``requests``."""
        return _libraries.RequestsAuth(self._holder, self._wait)

    def s3(self, path: str, **options: Any) -> Any:
        """A ``boto3`` client of S3 for the route at this path; ``options`` are those of ``boto3.client``."""
        return _libraries.s3(self._holder, self._wait, self._gateway.address + path, options)

    def kubernetes(self, path: str) -> Any:
        """A ``kubernetes.client.ApiClient`` for the route at this path."""
        return _libraries.kubernetes(self._holder, self._wait, self._gateway.address + path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.end()
        except (Refused, httpx.HTTPError):
            # The caller must see the error of the block, not that of the end.
            if kind is None:
                raise

    def __repr__(self) -> str:
        return f"<task {self.id or '?'} until {self.expires_at} by {self.key!r}>"


def _details(
    template: str,
    parameters: Mapping[str, str | Sequence[str]] | None,
    more: Mapping[str, Any],
    allow: Mapping[str, Mapping[str, Any]] | None,
) -> str:
    start: dict[str, Any] = {"type": "errand_start", "template": template, "parameters": dict(parameters or {})}
    start.update({name: value for name, value in more.items() if value is not None})
    details: list[Mapping[str, Any]] = [start]
    if allow is not None:
        details.append({"type": "attenuating_agent_token", "tools": allow})
    return json.dumps(details)


def _assertion(svid: str | Path | None) -> dict[str, str]:
    if svid is None:
        return {}
    return {"client_assertion_type": _TYPE + "client-assertion-type:jwt-spiffe", "client_assertion": _read(svid)}


def _read(text: str | Path) -> str:
    return text.read_text().strip() if isinstance(text, Path) else text
