"""One call: its headers, and whether it may be made once more."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from ._gateway import Gateway
from ._key import Key
from ._refused import lowered, seconds

#: A longer body is sent only once, like a body that cannot be read twice.
MAX_REPEATED_BODY = 1 << 20
_LOG = logging.getLogger("errand_agent")
#: How often one call is repeated at most, however short the gateway's waits are.
_MOST = 60


class Holder:
    """The holder of a token: its key, the token and the tokens above it. Safe for several threads."""

    def __init__(self, gateway: Gateway, key: Key, token: str, chain: str) -> None:
        self.gateway, self.key, self.token, self.chain = gateway, key, token, chain
        self._chain_is_known = False

    def call(self, method: str, url: str, body_bytes: int | None, wait: float) -> "Call | None":
        """The call of a URL; None if the URL is of another server, which gets no token and no proof.

        ``body_bytes`` is None if the body cannot be sent twice.
        """
        target = self.gateway.target(url)
        if target is None:
            return None
        return Call(self, method, target, body_bytes is not None and body_bytes <= MAX_REPEATED_BODY, wait)

    def headers(self, method: str, target: str, *, always_chain: bool = True) -> dict[str, str]:
        """The headers of one call. They are good for one request."""
        proof = self.key.proof(method, self.gateway.issuer + target, self.token, self.gateway.nonce)
        headers = {"Authorization": f"DPoP {self.token}", "DPoP": proof}
        if self.chain and (always_chain or not self._chain_is_known):
            headers["Delegation-Chain"] = self.chain
        return headers

    def chain_is_known(self, known: bool) -> None:
        """A gateway that permitted a call under a chain knows the chain; another replica may still ask for it."""
        self._chain_is_known = known


class Call:
    """The attempts of one call. A refusal that says that the request may have been sent ends them."""

    def __init__(self, holder: Holder, method: str, target: str, can_repeat: bool, wait: float) -> None:
        self._holder, self._method, self._target = holder, method, target
        self._can_repeat = can_repeat
        self._until = time.monotonic() + wait
        self._repeats = 0
        self._for_free = {"nonce", "chain"}
        self._approval: str | None = None
        self._stands_until = 0.0

    def headers(self) -> dict[str, str]:
        """The headers of the next attempt."""
        # A call that can be sent only once carries the chain, so that the gateway cannot ask for it afterwards.
        return self._holder.headers(self._method, self._target, always_chain=not self._can_repeat)

    def sign(self, headers: Any) -> None:
        """Replaces the headers of the last attempt by those of the next one."""
        for name in ("Authorization", "DPoP", "Delegation-Chain"):
            headers.pop(name, None)
        headers.update(self.headers())

    def repeat_after(self, answer: Any) -> float | None:
        """After how many seconds the call is made again; None if this answer is the last one."""
        headers = lowered(answer.headers)
        nonce = headers.get("dpop-nonce")
        if nonce is not None:
            self._holder.gateway.nonce = nonce
        code = headers.get("errand-code")
        if code is None:
            if "errand-operation" in headers:
                self._holder.chain_is_known(True)
            return None
        if code == "chain-incomplete":
            self._holder.chain_is_known(False)
        if headers.get("errand-sent") != "no" or not self._can_repeat:
            return None
        what = headers.get("errand-next")
        if what == "wait" and "errand-approval" in headers:
            return self._for_people(headers)
        if self._repeats >= _MOST:
            return None
        self._repeats += 1
        if code == "invalid-proof" and nonce is not None and "use_dpop_nonce" in headers.get("www-authenticate", ""):
            return self._once("nonce")
        if code == "chain-incomplete" and self._holder.chain:
            return self._once("chain")
        return self._wait(headers) if what == "retry" else None

    def _once(self, what: str) -> float | None:
        if what in self._for_free:
            self._for_free.remove(what)
            return 0
        return None

    def _for_people(self, headers: Mapping[str, str]) -> float | None:
        """A human has to approve the call. A log line says once where; the caller's wait bounds how often it is made again.

        The call is not made after the request for approval has ended, since it would open another request.
        """
        where, _, expires = headers["errand-approval"].partition(";")
        pause, now = self._pause(headers, least=1), time.monotonic()
        is_new = where.strip() != self._approval
        if is_new and self._approval is not None and now >= self._stands_until:
            return None
        if is_new:
            self._approval = where.strip()
            left = seconds(expires.strip().removeprefix("expires_in="))
            # The gateway gives the time in whole seconds, rounded up, and the last call needs time to arrive.
            self._stands_until = now + left - 2 if left is not None else self._until
        if pause is None or now + pause > self._stands_until:
            return None
        if is_new:
            _LOG.warning("waiting for a human's approval of %s %s: %s", self._method, self._target, self._approval)
        return pause

    def _wait(self, headers: Mapping[str, str]) -> float | None:
        pause = self._pause(headers, least=0)
        if pause is None or (self._approval is not None and time.monotonic() + pause > self._stands_until):
            return None
        return pause

    def _pause(self, headers: Mapping[str, str], least: float) -> float | None:
        said = seconds(headers.get("retry-after"))
        if said is None:
            return None
        pause = max(said, least)
        return pause if time.monotonic() + pause <= self._until else None
