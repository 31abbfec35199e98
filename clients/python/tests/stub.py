"""A stand-in for a gateway, which gives the answers of a list and remembers the requests."""

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from errand_agent import Key, Task

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "vectors.json").read_text("utf-8"))
ISSUER = str(VECTORS["issuer"])
#: What stands for an answer that never comes: the connection is closed once the request was read.
BROKEN = None

#: What the gateway tells the agent to do, where it is not ``change``.
NEXT = {
    "task-ended": "stop",
    "approval-required": "wait",
    **dict.fromkeys(("chain-incomplete", "rate-exceeded", "decision-unavailable", "upstream-unavailable"), "retry"),
    **dict.fromkeys(("sequence-violation", "rule-violation"), "retry"),  # pending
}

Answer = tuple[int, Mapping[str, str], bytes]


def permitted(body: bytes = b"") -> Answer:
    return 200, {"Errand-Decision": "d-1", "Errand-Operation": "tickets:ticket.read"}, body


def refused(status: int, code: str, sent: str | None = "no", **more: str) -> Answer:
    headers = {"Errand-Decision": "d-2", "Errand-Code": code, "Content-Type": "application/problem+json"}
    headers["Errand-Next"] = NEXT.get(code, "change")
    headers.update({name.replace("_", "-"): value for name, value in more.items()})
    if sent is not None:
        headers["Errand-Sent"] = sent
    problem = {"code": code, "decision": "d-2", "detail": f"because of {code}", "status": status}
    return status, headers, json.dumps(problem).encode()


class Request:
    def __init__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        self.method, self.target, self.body = method, target, body
        self.headers = {name.lower(): value for name, value in headers.items()}

    @property
    def proof(self) -> dict[str, Any]:
        from errand_agent._token import claims_of

        return claims_of(self.headers["dpop"])


class Stub:
    def __init__(self) -> None:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                length = self.headers.get("Content-Length")
                body = self.rfile.read(int(length)) if length else self.chunks()
                if self.path == "/.well-known/oauth-authorization-server":
                    found: Answer | None = (200, {}, json.dumps({"issuer": stub.issuer}).encode())
                else:
                    stub.requests.append(Request(self.command, self.path, dict(self.headers.items()), body))
                    found = stub.answers.pop(0) if stub.answers else permitted(self.plain())
                if found is BROKEN:
                    self.close_connection = True
                    self.connection.close()
                    return
                status, headers, content = found
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            def plain(self) -> bytes:
                # An answer that each of the client libraries reads.
                return b"{}" if self.path.startswith("/k8s") else b""

            def chunks(self) -> bytes:
                body = b""
                while self.headers.get("Transfer-Encoding") == "chunked":
                    size = int(self.rfile.readline(), 16)
                    body += self.rfile.read(size)
                    self.rfile.readline()
                    if size == 0:
                        break
                return body

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = do_HEAD = answer

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.issuer: str | None = ISSUER
        self.answers: list[Answer | None] = []
        self.requests: list[Request] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def task(self, wait: float = 0, holder: str = "child") -> Task:
        """The holder of a token of the vectors."""
        chain = {"root": "", "child": VECTORS["token"]["jws"]}[holder]
        token = VECTORS["token"]["jws"] if holder == "root" else VECTORS["children"][0]["jws"]
        return Task.of(token, Key.of(VECTORS["keys"][holder]), chain=chain, gateway=self.address, wait=wait)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
