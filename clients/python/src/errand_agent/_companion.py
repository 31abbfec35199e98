"""A child of the companion that an agent runs under (`errand agent --derive N`)."""

import os
from typing import Any
from urllib.parse import urlsplit

import httpx

from ._gateway import exchange, is_loopback, new_client
from ._key import Key
from ._refused import Refused

_MEMBERS = ("token", "chain", "gateway", "issuer")


def ask(url: str | None, key: Key, asked: dict[str, Any], http: httpx.Client | None) -> dict[str, str]:
    """Asks for a child whose holder is this key. The URL has the companion's secret, so no message shows it."""
    at = url or os.environ.get("ERRAND_DERIVE", "")
    parts = urlsplit(at)
    if parts.scheme not in ("http", "https") or not parts.hostname or not is_loopback(parts.hostname):
        raise ValueError("there is no companion: ERRAND_DERIVE, or url=, is to be a URL of loopback")
    body = {"jwk": key.jwk, **{name: value for name, value in asked.items() if value is not None}}
    headers = {"DPoP": key.proof("POST", at)}
    status, _, answer = exchange(http or new_client(at), "POST", at, headers=headers, json=body)
    if status != 200:
        raise Refused(str(answer.get("step") or "refused"), detail=str(answer.get("detail", "")), status=status)
    if not all(isinstance(answer.get(name), str) for name in _MEMBERS):
        raise ValueError("the companion answered without token, chain, gateway or issuer")
    return {name: answer[name] for name in _MEMBERS}
