"""When a call is made again, with each of the libraries; and what never gets anything of the holder's."""

import asyncio
import unittest
from collections.abc import Callable, Iterator
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import httpx
import httpx2
import requests
from botocore.exceptions import ClientError, HTTPClientError
from errand_agent import Key, Refused, Task
from errand_agent._calls import Call, Holder
from kubernetes.client import CoreV1Api, V1ObjectMeta, V1Pod
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from .stub import BROKEN, ISSUER, VECTORS, Answer, Stub, refused

#: Makes what calls for a task; each time it is called it makes one call.
Client = Callable[[Task], Callable[[], object]]
URL = "/tickets/a%20b?c=d"


def with_httpx(task: Task) -> Callable[[], object]:
    http = task.client()
    return lambda: http.put(URL, content=b"body")


def with_httpx_async(task: Task) -> Callable[[], object]:
    async def call() -> httpx.Response:
        async with task.async_client() as http:
            return await http.put(URL, content=b"body")

    return lambda: asyncio.run(call())


def with_httpx2(task: Task) -> Callable[[], object]:
    http = httpx2.Client(auth=task.auth(httpx2), base_url=task._gateway.address)
    return lambda: raised(http.put(URL, content=b"body"))


def with_requests(task: Task) -> Callable[[], object]:
    session = requests.Session()
    session.auth = task.requests_auth()
    return lambda: raised(session.put(task._gateway.address + URL, data=b"body", timeout=20))


def with_boto3(task: Task) -> Callable[[], object]:
    s3 = task.s3("/s3")
    return lambda: s3.put_object(Bucket="tickets", Key="a b", Body=b"body")


def with_kubernetes(task: Task) -> Callable[[], object]:
    core = CoreV1Api(task.kubernetes("/k8s"))
    return lambda: core.create_namespaced_pod("a", V1Pod(metadata=V1ObjectMeta(name="b")))


def raised(answer: Any) -> object:
    refusal = Refused.of(answer)
    if refusal is not None:
        raise refusal
    return answer


CLIENTS: list[Client] = [with_httpx, with_httpx_async, with_httpx2, with_requests, with_boto3, with_kubernetes]
BROKE = (httpx.HTTPError, httpx2.HTTPError, requests.RequestException, HTTPClientError, HTTPError)


def refusal_of(call: Callable[[], object]) -> Refused:
    try:
        call()
    except Refused as refusal:
        return refusal
    except (ClientError, ApiException) as error:
        refusal_of_it = Refused.of(error)
        assert refusal_of_it is not None
        return refusal_of_it
    raise AssertionError("the call was not refused")


class RepeatsTest(unittest.TestCase):
    """With each of the libraries: the answers that a call gets, and how often it is made."""

    def each(self, run: Callable[[Stub, Callable[[float], Callable[[], object]]], None]) -> None:
        for client in CLIENTS:
            with self.subTest(client.__name__), Stub() as stub:
                run(stub, lambda wait, client=client, stub=stub: client(stub.task(wait)))  # type: ignore[misc]

    def test_a_permitted_call_is_made_once(self) -> None:
        def run(stub: Stub, agent: Any) -> None:
            agent(0)()
            (request,) = stub.requests
            self.assertEqual(request.target.split("?")[0], request.proof["htu"].removeprefix(ISSUER))
            self.assertEqual(request.method, request.proof["htm"])
            self.assertEqual("DPoP " + VECTORS["children"][0]["jws"], request.headers["authorization"])
            self.assertEqual(VECTORS["token"]["jws"], request.headers["delegation-chain"])

        self.each(run)

    def test_what_may_have_been_sent_is_never_repeated(self) -> None:
        def run(stub: Stub, agent: Any) -> None:
            call = agent(30)
            for sent in ("maybe", None):
                for code in ("decision-unavailable", "rate-exceeded", "chain-incomplete", "upstream-unavailable"):
                    stub.answers, stub.requests = [refused(503, code, sent, Retry_After="0")], []
                    refusal = refusal_of(call)
                    self.assertEqual((code, "maybe", "d-2"), (refusal.code, refusal.sent, refusal.decision))
                    self.assertEqual(1, len(stub.requests))

        self.each(run)

    def test_what_broke_after_it_was_sent_is_never_repeated(self) -> None:
        def run(stub: Stub, agent: Any) -> None:
            stub.answers = [BROKEN]
            with self.assertRaises(BROKE):
                agent(30)()
            self.assertEqual(1, len(stub.requests))

        self.each(run)

    def test_the_nonce_is_taken_up_at_once_and_once(self) -> None:
        def run(stub: Stub, agent: Any) -> None:
            asked = refused(401, "invalid-proof", DPoP_Nonce="n1", WWW_Authenticate='DPoP error="use_dpop_nonce"')
            stub.answers = [asked]
            call = agent(0)
            call()
            call()
            self.assertEqual([None, "n1", "n1"], [one.proof.get("nonce") for one in stub.requests])
            self.assertEqual(3, len({one.proof["jti"] for one in stub.requests}))
            stub.answers = [asked, asked]
            self.assertEqual("invalid-proof", refusal_of(call).code)

        self.each(run)

    def test_an_approval_is_waited_for_and_where_people_decide_is_said_once(self) -> None:
        def run(stub: Stub, agent: Any) -> None:
            where = "https://a.example/approvals/a-1"
            asked = refused(403, "approval-required", Retry_After="0", Errand_Approval=f"{where}; expires_in=60")
            stub.answers = [asked, asked]
            with self.assertLogs("errand_agent") as logged:
                agent(10)()
            self.assertEqual(3, len(stub.requests))
            self.assertEqual(1, len(logged.output))
            self.assertIn(where, logged.output[0])
            stub.answers, stub.requests = [asked], []
            self.assertEqual(where, refusal_of(agent(0)).approval)
            stub.answers = [refused(403, "approval-required", Retry_After="0")]
            self.assertIsNone(refusal_of(agent(10)).approval)
            self.assertEqual(2, len(stub.requests))

        self.each(run)

    def test_an_approval_whose_time_is_over_is_not_asked_for_anew(self) -> None:
        def run(stub: Stub, agent: Any) -> None:
            where = "https://a.example/approvals/a-1; expires_in=4"
            stub.answers = [refused(403, "approval-required", Retry_After="0", Errand_Approval=where)] * 9
            with self.assertLogs("errand_agent") as logged:
                self.assertEqual("approval-required", refusal_of(agent(10)).code)
            self.assertEqual(2, len(stub.requests))
            self.assertEqual(1, len(logged.output))

        self.each(run)

    def test_no_call_opens_a_second_request_for_approval(self) -> None:
        def asked(name: str, expires: int) -> Any:
            where = f"https://a.example/approvals/{name}; expires_in={expires}"
            return SimpleNamespace(headers=refused(403, "approval-required", Retry_After="5", Errand_Approval=where)[1])

        def call() -> Any:
            nobody: Any = None
            with patch("errand_agent._calls.time.monotonic", return_value=0.0):
                return Call(Holder(nobody, nobody, "", ""), "GET", "/a", can_repeat=True, wait=100)

        def after(made: Any, answer: Any, at: float) -> float | None:
            with patch("errand_agent._calls.time.monotonic", return_value=at), patch("errand_agent._calls._LOG"):
                pause: float | None = made.repeat_after(answer)
                return pause

        rate = SimpleNamespace(headers=refused(429, "rate-exceeded", Retry_After="3")[1])
        late, early, passing = call(), call(), call()
        for made in (late, early, passing):
            self.assertEqual(5, after(made, asked("a-1", 20), 0))
        self.assertIsNone(after(late, asked("a-2", 20), 18))
        self.assertEqual(5, after(early, asked("a-2", 20), 17))
        self.assertEqual(3, after(passing, rate, 15))
        self.assertIsNone(after(passing, rate, 15.5))
        self.assertIsNone(after(call(), asked("a-1", 6), 0))

    def test_a_bad_proof_is_not_repeated(self) -> None:
        def run(stub: Stub, agent: Any) -> None:
            stub.answers = [refused(401, "invalid-proof", WWW_Authenticate='DPoP error="invalid_dpop_proof"')]
            self.assertEqual("invalid-proof", refusal_of(agent(30)).code)
            self.assertEqual(1, len(stub.requests))

        self.each(run)

    def test_the_chain_is_left_out_once_known_and_sent_again_when_asked_for(self) -> None:
        def run(stub: Stub, agent: Any) -> None:
            call = agent(0)
            call()
            stub.answers = [refused(401, "chain-incomplete")]
            call()
            self.assertEqual([True, False, True], ["delegation-chain" in one.headers for one in stub.requests])

        self.each(run)

    def test_waits_as_long_as_it_was_told_to(self) -> None:
        def run(stub: Stub, agent: Any) -> None:
            call = agent(5)
            for code in ("rate-exceeded", "decision-unavailable", "sequence-violation", "rule-violation"):
                stub.answers = [refused(429, code, Retry_After="0"), refused(503, code, Retry_After="0")]
                stub.requests = []
                call()
                self.assertEqual(3, len(stub.requests))

        self.each(run)

    def test_does_not_wait_longer_nor_for_what_waiting_does_not_help(self) -> None:
        def run(stub: Stub, agent: Any) -> None:
            call = agent(2)
            stub.answers = [refused(429, "rate-exceeded", Retry_After="7")]
            self.assertEqual(7, refusal_of(call).retry_after)
            stub.answers = [refused(403, "not-granted", Retry_After="0")]
            refusal = refusal_of(call)
            self.assertEqual(("not-granted", "change", 403), (refusal.code, refusal.next, refusal.status))
            stub.answers = [refused(429, "rate-exceeded", Retry_After="1")]
            self.assertEqual(1, refusal_of(agent(0)).retry_after)
            stub.answers = [refused(429, "rate-exceeded", Retry_After="0", Errand_Next="stop")]
            self.assertEqual("stop", refusal_of(call).next)
            self.assertEqual(4, len(stub.requests))

        self.each(run)


class BodiesTest(unittest.TestCase):
    def test_what_cannot_be_sent_twice_carries_the_chain_and_is_sent_once(self) -> None:
        def parts() -> Iterator[bytes]:
            yield b"part"

        bodies: list[Any] = [parts, lambda: b"x" * ((1 << 20) + 1)]
        for body in bodies:
            with Stub() as stub:
                task = stub.task(wait=30)
                with task.client() as http, requests.Session() as session:
                    session.auth = task.requests_auth()
                    http.get("/known")
                    stub.answers = [refused(401, "chain-incomplete"), refused(429, "rate-exceeded", Retry_After="0")]
                    with self.assertRaises(Refused):
                        http.put("/a", content=body())
                    answer = session.put(stub.address + "/a", data=body(), timeout=20)
                    self.assertEqual(429, answer.status_code)
                self.assertEqual(3, len(stub.requests))
                self.assertTrue(all("delegation-chain" in one.headers for one in stub.requests))

    def test_a_file_is_wound_back_and_a_large_one_is_sent_once(self) -> None:
        with Stub() as stub:
            s3 = stub.task(wait=30).s3("/s3")
            stub.answers = [refused(429, "rate-exceeded", Retry_After="0")]
            s3.put_object(Bucket="tickets", Key="a", Body=BytesIO(b"body"))
            self.assertEqual([b"body", b"body"], [one.body for one in stub.requests])
            stub.answers = [refused(429, "rate-exceeded", Retry_After="0")]
            with self.assertRaises(ClientError):
                s3.put_object(Bucket="tickets", Key="a", Body=BytesIO(b"x" * ((1 << 20) + 1)))
            self.assertEqual(3, len(stub.requests))
            self.assertEqual("/s3/tickets/a", stub.requests[0].target)


class ReadsTest(unittest.TestCase):
    """urllib3 repeats a GET whose connection broke, unless it is told not to."""

    def test_a_read_that_broke_is_not_repeated(self) -> None:
        with Stub() as stub:
            task = stub.task(wait=30)
            core, s3 = CoreV1Api(task.kubernetes("/k8s")), task.s3("/s3")
            for call in (lambda: core.read_namespaced_pod("a", "b"), lambda: s3.get_object(Bucket="a", Key="b")):
                stub.answers, stub.requests = [BROKEN], []
                with self.assertRaises(BROKE):
                    call()
                self.assertEqual(1, len(stub.requests))


class ElsewhereTest(unittest.TestCase):
    """Another host, and what a redirect leads to, get nothing of the holder's."""

    OURS = {"authorization", "dpop", "delegation-chain"}

    def nothing_is_told(self, stub: Stub, requests_of_it: int) -> None:
        self.assertEqual(requests_of_it, len(stub.requests))
        for request in stub.requests:
            self.assertEqual(set(), self.OURS & request.headers.keys())

    def test_another_host_gets_nothing(self) -> None:
        with Stub() as stub, Stub() as other:
            task = stub.task(wait=30)
            with task.client() as http, requests.Session() as session:
                session.auth = task.requests_auth()
                http.get(other.address + "/a")
                session.get(other.address + "/a", timeout=20)
            self.nothing_is_told(other, 2)

    def test_what_a_redirect_leads_to_gets_nothing(self) -> None:
        with Stub() as stub, Stub() as other:
            away = (307, {"Location": other.address + "/away", "Errand-Operation": "a:b"}, b"")
            task = stub.task(wait=30)
            other.answers = [refused(401, "chain-incomplete"), refused(429, "rate-exceeded", Retry_After="0")]
            stub.answers = [away, away, refused(401, "chain-incomplete"), away, away]
            with task.client() as http, requests.Session() as session:
                session.auth = task.requests_auth()
                self.assertEqual(307, http.get("/a").status_code)
                self.assertEqual(401, session.get(stub.address + "/a", timeout=20).status_code)
                self.assertEqual(429, session.get(stub.address + "/a", timeout=20).status_code)
                with self.assertRaises(ApiException):
                    CoreV1Api(task.kubernetes("")).list_namespaced_pod("a")
            self.nothing_is_told(other, 2)

    def test_a_call_that_asks_for_redirects_gets_none(self) -> None:
        with Stub() as stub, Stub() as other:
            away = (307, {"Location": other.address + "/away", "Errand-Operation": "a:b"}, b"")
            stub.answers = [away] * 4
            task = stub.task(wait=30)
            with task.client() as http:
                self.assertEqual(307, http.get("/a", follow_redirects=True).status_code)
                with http.stream("GET", "/a", follow_redirects=True) as answer:
                    self.assertEqual(307, answer.status_code)
                sent = http.send(http.build_request("GET", "/a"), follow_redirects=True)
                self.assertEqual(307, sent.status_code)

            async def call() -> int:
                async with task.async_client() as http:
                    return (await http.get("/a", follow_redirects=True)).status_code

            self.assertEqual(307, asyncio.run(call()))
            self.nothing_is_told(other, 0)

    def test_what_a_client_of_someone_else_followed_is_not_repeated_and_gives_no_nonce(self) -> None:
        """The gateway passed the first request on, so its upstream may have done what it asked for."""
        asked = refused(401, "invalid-proof", DPoP_Nonce="n1", WWW_Authenticate='DPoP error="use_dpop_nonce"')
        with Stub() as stub, Stub() as other:
            for place in (other, stub):
                for answer in (asked, refused(429, "rate-exceeded", Retry_After="0")):
                    task = stub.task(wait=30)
                    away: Answer = (307, {"Location": place.address + "/away", "Errand-Operation": "a:b"}, b"")
                    stub.requests, other.requests = [], []
                    stub.answers, other.answers = ([away], [answer]) if place is other else ([away, answer], [])
                    with httpx.Client(auth=task.auth(), follow_redirects=True) as http:
                        code = http.post(stub.address + "/a").headers["errand-code"]
                    self.assertEqual(answer[1]["Errand-Code"], code)
                    self.assertEqual(["/a"], [one.target for one in stub.requests if one.target != "/away"])
                    self.assertIsNone(task._gateway.nonce)

                    async def call(task: Task = task) -> None:
                        async with httpx.AsyncClient(auth=task.auth(), follow_redirects=True) as http:
                            await http.post(stub.address + "/a")

                    stub.requests, other.requests = [], []
                    stub.answers, other.answers = ([away], [answer]) if place is other else ([away, answer], [])
                    asyncio.run(call())
                    self.assertEqual(["/a"], [one.target for one in stub.requests if one.target != "/away"])
                    self.assertIsNone(task._gateway.nonce)

    def test_a_gateway_beyond_loopback_is_reached_by_https(self) -> None:
        for address in ("http://gateway.example.org", "ftp://127.0.0.1", "127.0.0.1:8080", "http://a@127.0.0.1:1"):
            with self.subTest(address), self.assertRaises(ValueError):
                Task.of(VECTORS["token"]["jws"], stub_key(), gateway=address)

    def test_a_gateway_that_calls_itself_otherwise_is_not_spoken_to(self) -> None:
        with Stub() as stub, self.assertRaisesRegex(ValueError, "calls itself"):
            Task.of(VECTORS["token"]["jws"], stub_key(), gateway=stub.address, issuer="https://other.example.org")

    def test_beyond_loopback_the_metadata_must_say_the_address(self) -> None:
        said = {"issuer": "https://other.example.org"}
        with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=said))) as http:
            with self.assertRaisesRegex(ValueError, "calls itself"):
                Task.of(VECTORS["token"]["jws"], stub_key(), gateway="https://gateway.example.org", http=http)
            task = Task.of(
                VECTORS["token"]["jws"],
                stub_key(),
                gateway="https://gateway.example.org",
                issuer="https://other.example.org",
                http=http,
            )
            self.assertIn("DPoP", task.headers("GET", "/a"))


def stub_key() -> Key:
    return Key.of(VECTORS["keys"]["root"])
