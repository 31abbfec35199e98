"""The gateway's answer to a call that it refuses."""

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

#: A refusal's body is small; no more of it is read.
MAX_BODY = 65_536
_MESSAGE = re.compile(r"errand: [a-z-]+: (?P<detail>.*) \(decision [^()\s]+\)", re.DOTALL)


class Refused(Exception):
    """The gateway refused a call, a start, or the end of a token.

    - ``code``: the gateway's code, such as ``not-granted``; for a start the OAuth error, such as ``invalid_grant``.
    - ``decision``: the id of the gateway's record of the decision; None for a start.
    - ``next``: what the agent should do: ``stop``, ``wait`` (for a human), ``retry``, ``check`` (whether it happened), ``ask`` (a human),
      or ``change``; None for a start.
    - ``retry_after``: after how many seconds the same call may pass; None if the gateway does not say so.
    - ``sent``: ``no``, or ``maybe`` if the upstream may have got the request: then do not simply repeat it.
    - ``operation``: the operation that the gateway took the call for, if it knew.
    - ``approval``: where a human can let the call pass, if one can.
    - ``detail``, ``status``: the explanation, and the HTTP status.
    """

    def __init__(
        self,
        code: str,
        *,
        decision: str | None = None,
        next: str | None = None,
        retry_after: float | None = None,
        sent: str = "no",
        operation: str | None = None,
        approval: str | None = None,
        detail: str = "",
        status: int = 0,
    ) -> None:
        self.code, self.decision, self.next, self.retry_after = code, decision, next, retry_after
        self.sent, self.operation, self.approval = sent, operation, approval
        self.detail, self.status = detail, status
        super().__init__(f"{code}: {detail or 'refused'}" + (f" (decision {decision})" if decision else ""))

    @classmethod
    def of(cls, answer: Any) -> "Refused | None":
        """The refusal in an answer or an exception of a client library; None if it is no refusal.

        It knows the answers and exceptions of httpx, requests, urllib3, botocore and kubernetes, and the errors of an MCP
        client.
        """
        status, headers, body = _parts(answer)
        code = headers.get("errand-code")
        if code is None:
            return cls._of_json_rpc(answer)
        return cls(
            code,
            decision=headers.get("errand-decision"),
            next=headers.get("errand-next"),
            retry_after=seconds(headers.get("retry-after")),
            # If the refusal does not say, the request may have been sent.
            sent="no" if headers.get("errand-sent") == "no" else "maybe",
            operation=headers.get("errand-operation"),
            approval=headers["errand-approval"].split(";")[0].strip() if "errand-approval" in headers else None,
            detail=_detail(body),
            status=status,
        )

    @classmethod
    def _of_json_rpc(cls, answer: Any) -> "Refused | None":
        problem = getattr(getattr(answer, "error", answer), "data", None)
        if not isinstance(problem, Mapping) or not {"code", "decision"} <= problem.keys():
            return None
        return cls(
            str(problem["code"]),
            decision=str(problem["decision"]),
            next=str(problem["next"]) if "next" in problem else None,
            # The body does not say whether the request was sent.
            sent="maybe",
            detail=str(problem.get("detail", "")),
            status=int(problem.get("status", 0)),
        )


def seconds(retry_after: str | None) -> float | None:
    """The seconds of a ``Retry-After``; the gateway writes no dates."""
    return float(retry_after) if retry_after and re.fullmatch(r"[0-9]{1,9}", retry_after) else None


def lowered(headers: Any) -> dict[str, str]:
    """The headers of any client library, by their names in lower case."""
    return {str(name).lower(): str(value) for name, value in headers.items()}


def _parts(answer: Any) -> tuple[int, dict[str, str], str]:
    if isinstance(answer, BaseException):
        inner = getattr(answer, "response", None)
        if isinstance(inner, Mapping):  # botocore's ClientError
            metadata = inner.get("ResponseMetadata", {})
            message = str(inner.get("Error", {}).get("Message", ""))
            return int(metadata.get("HTTPStatusCode", 0)), lowered(metadata.get("HTTPHeaders", {})), message
        if inner is not None:
            return _parts(inner)
    headers = getattr(answer, "headers", None)
    status = getattr(answer, "status_code", None) or getattr(answer, "status", None) or 0
    return int(status), lowered(headers) if headers is not None else {}, _text(answer)


def _text(answer: Any) -> str:
    for name in ("text", "body", "data"):
        try:
            text = getattr(answer, name, None)
        except Exception:  # a body that was not read yet
            continue
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        if isinstance(text, str):
            return text[:MAX_BODY]
    return ""


def _detail(body: str) -> str:
    """The explanation in a body of any form of refusal."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = unescape(body)
    for text in _texts(told, ("detail",)):
        return text
    for text in _texts(told, ()):
        found = _MESSAGE.search(text)
        if found:
            return found["detail"]
    return ""


def _texts(value: Any, names: tuple[str, ...], depth: int = 4) -> Iterator[str]:
    """The texts in a JSON value; only those of members with these names, if any are named."""
    if isinstance(value, str) and not names:
        yield value
    elif isinstance(value, dict) and depth:
        yield from (value[name] for name in names if isinstance(value.get(name), str))
        for member in value.values():
            yield from _texts(member, names, depth - 1)
    elif isinstance(value, list) and depth:
        for member in value:
            yield from _texts(member, names, depth - 1)
