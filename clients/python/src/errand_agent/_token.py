"""Child tokens, written offline by the holder of the parent (AAT-02)."""

import json
import time
import uuid
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypedDict

from ._key import Key, sha256

_THUMBPRINT = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"
_CAPABILITY = "attenuating_agent_token"
_BOUNDS = "errand_task"
_LIFETIME = 300


class Narrowing(TypedDict, total=False):
    """How a child is narrower than its parent. A bound that is left out is the parent's.

    - ``allow``: ids of operations, which keep the parent's arguments; or the ``tools`` form, id to constrained arguments.
    - ``calls``, ``children``: how many calls, and how many direct children.
    - ``limits``: token buckets, ``{"capacity": 10, "period": 60}``, one at least as tight for each of the parent's.
    - ``lifetime``: seconds, 300 by default, never past the parent's ``exp``.
    - ``max_depth``: how deep a chain below the child may become.
    - ``actor``: the SPIFFE ID of the child's holder.
    - ``instruction``: what instructed the child: ``source``, ``ref``, ``digest``, ``integrity``.
    """

    allow: Iterable[str] | Mapping[str, Mapping[str, Any]]
    calls: int
    children: int
    limits: Sequence[Mapping[str, int]]
    lifetime: int
    max_depth: int
    actor: str
    instruction: Mapping[str, Any]


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token from elsewhere. They are not verified here."""
    try:
        part = token.split(".")[1]
        claims = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError) as wrong:
        raise ValueError("not a token") from wrong
    if not isinstance(claims, dict):
        raise ValueError("not a token")
    return claims


def derive(
    holder: Key,
    parent: str,
    jwk: Mapping[str, Any],
    narrowing: Narrowing,
    *,
    jti: str | None = None,
    now: int | None = None,
) -> str:
    """A child of ``parent`` for the holder of ``jwk``, signed by the parent's holder.

    A child that clearly exceeds its parent is a ``ValueError`` here. The gateway checks everything, also the constraints
    of arguments. ``jti`` and ``now`` are for tests.
    """
    above = claims_of(parent)
    depth = above["del_depth"] + 1
    max_depth = narrowing.get("max_depth", above["del_max_depth"])
    _at_most("max_depth", max_depth, above["del_max_depth"])
    if depth > max_depth:
        raise ValueError(f"the parent stands at depth {depth - 1}, and its children may not be deeper than {max_depth}")
    begin = max(int(time.time()) if now is None else now, above["iat"])
    lifetime = narrowing.get("lifetime", _LIFETIME)
    if lifetime < 1:
        raise ValueError(f"lifetime: at least 1 second, was {lifetime}")
    claims: dict[str, Any] = {
        "jti": jti or str(uuid.uuid4()),
        "iss": _THUMBPRINT + holder.thumbprint,
        "iat": begin,
        "exp": min(begin + lifetime, above["exp"]),
        "cnf": {"jwk": {name: jwk[name] for name in ("crv", "kty", "x", "y") if name in jwk}},
        "del_depth": depth,
        "del_max_depth": max_depth,
        "par_hash": sha256(parent.rpartition(".")[0]),
        "authorization_details": _details(above, narrowing),
    }
    if "actor" in narrowing:
        claims["act"] = {"sub": narrowing["actor"]}
    if "instruction" in narrowing:
        claims["instruction"] = dict(narrowing["instruction"])
    return holder.sign("aat+jwt", claims)


def _details(above: Mapping[str, Any], narrowing: Narrowing) -> list[dict[str, Any]]:
    capability = _entry(above, _CAPABILITY)
    details = [{**capability, "tools": _tools(capability.get("tools", {}), narrowing)}]
    # A child repeats every bound of its parent, or narrows it; the plan belongs to the root alone.
    bounds = {name: value for name, value in _entry(above, _BOUNDS).items() if name not in ("sequence", "pinned")}
    names: tuple[Literal["calls", "children"], ...] = ("calls", "children")
    for name in names:
        if name in narrowing:
            wanted = narrowing[name]
            _at_most(name, wanted, bounds.get(name))
            bounds[name] = wanted
    if "limits" in narrowing:
        bounds["limits"] = [dict(limit) for limit in narrowing["limits"]]
    if bounds:
        details.append({**bounds, "type": _BOUNDS})
    return details


def _tools(granted: Mapping[str, Any], narrowing: Narrowing) -> dict[str, Any]:
    if "allow" not in narrowing:
        return dict(granted)
    allow = narrowing["allow"]
    if isinstance(allow, str):
        raise ValueError("allow: a list of operations, not one text")
    tools = dict(allow) if isinstance(allow, Mapping) else {one: granted.get(one) for one in allow}
    more = [one for one in tools if one not in granted]
    if more:
        raise ValueError(f"allow: the parent does not grant {', '.join(sorted(more))}")
    return tools


def _entry(claims: Mapping[str, Any], kind: str) -> dict[str, Any]:
    for entry in claims.get("authorization_details", []):
        if entry.get("type") == kind:
            return dict(entry)
    return {"type": kind} if kind == _CAPABILITY else {}


def _at_most(name: str, wanted: int, parent: int | None) -> None:
    if wanted < 0 or (parent is not None and wanted > parent):
        most = "" if parent is None else f", at most {parent}, the parent's"
        raise ValueError(f"{name}: not negative{most}; was {wanted}")
