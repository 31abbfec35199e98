"""The hooks of httpx, and of modules with its interface."""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx

from ._calls import Call, Holder
from ._gateway import direct
from ._refused import MAX_BODY, Refused

_TIMEOUT_SECONDS = 60.0


class _Flow:
    """The attempts of one request, for clients with and without ``async``."""

    requires_request_body = False
    requires_response_body = False

    def __init__(self, holder: Holder, wait: float, unread: type[Exception]) -> None:
        self._holder, self._wait, self._unread = holder, wait, unread

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        call = self._call(request)
        pause: float | None = 0
        while pause is not None:
            if call is not None:
                call.sign(request.headers)
            response = yield request
            pause = self._repeat_after(call, request, response)
            if pause:
                time.sleep(pause)

    async def async_auth_flow(self, request: Any) -> AsyncGenerator[Any, Any]:
        call = self._call(request)
        pause: float | None = 0
        while pause is not None:
            if call is not None:
                call.sign(request.headers)
            response = yield request
            pause = self._repeat_after(call, request, response)
            if pause:
                await asyncio.sleep(pause)

    @staticmethod
    def _repeat_after(call: Call | None, request: Any, response: Any) -> float | None:
        # A client that follows redirects shows only the last answer. It says nothing about the call, which was made.
        return call.repeat_after(response) if call is not None and response.request is request else None

    def _call(self, request: Any) -> Call | None:
        try:
            size: int | None = len(request.content)
        except self._unread:  # a stream, which can be read only once
            size = None
        return self._holder.call(request.method, str(request.url), size, self._wait)


def auth(holder: Holder, wait: float, module: ModuleType) -> Any:
    """The ``auth`` of this module's clients."""
    return type("TaskAuth", (_Flow, module.Auth), {})(holder, wait, module.RequestNotRead)


def _options(holder: Holder, wait: float, options: dict[str, Any]) -> dict[str, Any]:
    defaults: dict[str, Any] = {"base_url": holder.gateway.address, "timeout": _TIMEOUT_SECONDS}
    if options.get("proxy") is None and options.get("proxies") is None:
        options = {**options, "mounts": {**direct(holder.gateway.address), **(options.get("mounts") or {})}}
    return {**defaults, **options, "auth": auth(holder, wait, httpx)}


class _Client(httpx.Client):
    """A client that raises refusals. It follows no redirect, even if it is asked to.

    Another path would be another call, and another host must not get the token and the proof.
    """

    def send(self, *given: Any, **options: Any) -> httpx.Response:
        response = super().send(*given, **{**options, "follow_redirects": False})
        if "errand-code" in response.headers:
            body = b""
            # The rest of an answer that was not read yet, up to the length of a refusal.
            if not response.is_stream_consumed:
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > MAX_BODY:
                        break
            response.close()
            _raise_refusal(response, body)
        return response


class _AsyncClient(httpx.AsyncClient):
    """The same, for ``async`` code."""

    async def send(self, *given: Any, **options: Any) -> httpx.Response:
        response = await super().send(*given, **{**options, "follow_redirects": False})
        if "errand-code" in response.headers:
            body = b""
            if not response.is_stream_consumed:
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_BODY:
                        break
            await response.aclose()
            _raise_refusal(response, body)
        return response


def client(holder: Holder, wait: float, options: dict[str, Any]) -> httpx.Client:
    """A client that signs each call and raises refusals."""
    return _Client(**_options(holder, wait, options))


def async_client(holder: Holder, wait: float, options: dict[str, Any]) -> httpx.AsyncClient:
    """The same, for ``async`` code."""
    return _AsyncClient(**_options(holder, wait, options))


def _raise_refusal(response: httpx.Response, body: bytes) -> None:
    told = SimpleNamespace(status_code=response.status_code, headers=response.headers, data=body or response.content)
    refusal = Refused.of(told)
    if refusal is not None:
        raise refusal
