"""The hooks of libraries that this package does not depend on: requests, boto3 and kubernetes."""

import time
from importlib import import_module
from io import SEEK_END
from typing import Any

from ._calls import Call, Holder

_HEADERS = ("Authorization", "DPoP", "Delegation-Chain")


def _size(body: Any) -> int | None:
    """The length of a body that can be sent twice; None for a stream."""
    if body is None:
        return 0
    return len(body) if isinstance(body, (bytes, bytearray, str)) else None


def _rewound(body: Any) -> int | None:
    """The same length, also for a file: botocore rewinds a file before it sends it again."""
    if not (hasattr(body, "seek") and hasattr(body, "tell")):
        return _size(body)
    try:
        at = body.tell()
        end = body.seek(0, SEEK_END)
        body.seek(at)
    except (OSError, ValueError):
        return None
    return int(end) if end is not None else None


class RequestsAuth:
    """The ``auth`` of a session of requests. A redirect is followed without the token and the proof."""

    def __init__(self, holder: Holder, wait: float) -> None:
        self._holder, self._wait = holder, wait

    def __call__(self, request: Any) -> Any:
        call = self._holder.call(request.method, request.url, _size(request.body), self._wait)
        if call is not None:
            call.sign(request.headers)
            request.register_hook("response", lambda answer, **options: self._answered(call, request, answer, options))
        return request

    def _answered(self, call: Call, first: Any, answer: Any, options: dict[str, Any]) -> Any:
        if answer.request is not first:
            return answer  # the answer after a redirect, which was followed without token and proof
        pause = call.repeat_after(answer)
        while pause is not None:
            answer.content  # noqa: B018 - reads it, so that the connection is used again
            answer.close()
            time.sleep(pause)
            request = answer.request.copy()
            call.sign(request.headers)
            again = answer.connection.send(request, **options)
            again.history.append(answer)
            again.request = request
            answer = again
            pause = call.repeat_after(answer)
        for name in _HEADERS:
            first.headers.pop(name, None)
        return answer


def s3(holder: Holder, wait: float, url: str, options: dict[str, Any]) -> Any:
    """A client of S3 that signs nothing itself. It sends each request once: the gateway says what may be repeated."""
    config = import_module("botocore.config").Config(
        signature_version=import_module("botocore").UNSIGNED,
        s3={"addressing_style": "path"},
        retries={"total_max_attempts": 1, "mode": "legacy"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    # An empty mapping means no proxy; without a mapping botocore uses the environment's proxy.
    theirs = import_module("botocore.config").Config(proxies={} if holder.gateway.is_direct else None)
    if options.get("config") is not None:
        theirs = theirs.merge(options["config"])
    config = theirs.merge(config)
    given = {"region_name": "us-east-1", **options, "endpoint_url": url, "config": config}
    client = import_module("boto3").client("s3", **given)
    calls = _BotoCalls(holder, wait)
    client.meta.events.register("before-send.s3", calls.sign)
    client.meta.events.register_first("needs-retry.s3", calls.repeat_after)
    return client


class _BotoCalls:
    """The calls of one client of botocore. Each has its own place in the request's context, which attempts share."""

    _PLACE = "errand_agent_call"

    def __init__(self, holder: Holder, wait: float) -> None:
        self._holder, self._wait = holder, wait

    def sign(self, request: Any, **_: Any) -> None:
        call = self._holder.call(request.method, request.url, _rewound(request.body), self._wait)
        if call is not None:
            call.sign(request.headers)

    def repeat_after(self, response: Any, request_dict: Any, **_: Any) -> float | None:
        if response is None:
            return None
        context = request_dict["context"]
        call = context.get(self._PLACE)
        if call is None:
            url, body = request_dict["url"], request_dict.get("body")
            call = self._holder.call(request_dict["method"], url, _rewound(body), self._wait)
            context[self._PLACE] = call
        return call.repeat_after(response[0]) if call is not None else None


def kubernetes(holder: Holder, wait: float, url: str) -> Any:
    """An ``ApiClient`` whose requests carry the headers of a call, and are made once."""
    client = import_module("kubernetes.client")
    configuration = client.Configuration(host=url)
    if holder.gateway.is_direct:
        configuration.proxy = None  # not the environment's proxy
    api = client.ApiClient(configuration)
    manager = api.rest_client.pool_manager
    plain = manager.request

    def request(method: str, url: str, **options: Any) -> Any:
        # urllib3 itself would repeat a request whose connection broke.
        options["retries"] = options["redirect"] = False
        call = holder.call(method, url, _size(options.get("body")), wait)
        while True:
            if call is not None:
                headers = dict(options.get("headers") or {})
                call.sign(headers)
                options["headers"] = headers
            answer = plain(method, url, **options)
            pause = None if call is None else call.repeat_after(answer)
            if pause is None:
                return answer
            answer.drain_conn()
            time.sleep(pause)

    manager.request = request
    return api
