"""Starts, ends, and what a refusal says in each of its forms."""

import json
import os
import unittest
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs

from errand_agent import Key, Refused, Task

from .stub import VECTORS, Stub, permitted, refused


class TaskTest(unittest.TestCase):
    def test_start_says_what_was_asked_for_and_end_ends_it(self) -> None:
        with Stub() as stub:
            nonce = (400, {"DPoP-Nonce": "n1"}, b'{"error":"use_dpop_nonce"}')
            answer = {"access_token": VECTORS["token"]["jws"], "task_id": "t-1", "expires_in": 900}
            stub.answers = [nonce, (200, {}, json.dumps(answer).encode()), permitted()]
            with Task.start(
                stub.address,
                template="triage",
                parameters={"ticket": "17"},
                subject_token="human",
                svid="svid",
                calls=3,
                allow={"tickets:ticket.read": {}},
            ) as task:
                self.assertEqual("t-1", task.id)
            first, second, end = stub.requests
            self.assertEqual([None, "n1", "n1"], [one.proof.get("nonce") for one in stub.requests])
            form = {name: values[0] for name, values in parse_qs(second.body.decode()).items()}
            self.assertEqual(("human", "svid"), (form["subject_token"], form["client_assertion"]))
            start, tools = json.loads(form["authorization_details"])
            self.assertEqual(
                {"type": "errand_start", "template": "triage", "parameters": {"ticket": "17"}, "calls": 3}, start
            )
            self.assertEqual({"tickets:ticket.read": {}}, tools["tools"])
            self.assertEqual("/oauth2/revoke", end.target)
            self.assertIn("ath", end.proof)
            self.assertNotIn("ath", first.proof)

    def test_a_start_that_is_refused_says_why(self) -> None:
        with Stub() as stub:
            told = b'{"error":"invalid_grant","error_description":"another start"}'
            stub.answers = [(400, {"Retry-After": "3"}, told)]
            with self.assertRaises(Refused) as caught:
                Task.start(stub.address, template="triage", subject_token="human", svid="svid")
            refusal = caught.exception
            self.assertEqual(("invalid_grant", None, 3), (refusal.code, refusal.decision, refusal.retry_after))
            self.assertEqual("invalid_grant: another start", str(refusal))
            self.assertEqual(1, len(stub.requests))

    def test_a_human_is_asked_and_the_answer_awaited(self) -> None:
        def told(error: str) -> tuple[int, dict[str, str], bytes]:
            return 400, {}, json.dumps({"error": error}).encode()

        asked = {"device_code": "d", "user_code": "BCDF-GHJK", "verification_uri_complete": "https://g/start?user_code=BCDF"}
        first = (200, {}, json.dumps({**asked, "expires_in": 60, "interval": 0}).encode())
        done = (200, {}, json.dumps({"access_token": VECTORS["token"]["jws"], "task_id": "t-1"}).encode())
        shown: list[tuple[str, str]] = []
        more: dict[str, Any] = {"template": "triage", "svid": "svid", "purpose": "look", "sequence": [{"a:b": 1}]}
        with Stub() as stub:
            stub.answers = [first, told("authorization_pending"), refused(503, "decision-unavailable"), done]
            task = Task.ask(lambda address, code: shown.append((address, code)), stub.address, **more)
            self.assertEqual(("t-1", [("https://g/start?user_code=BCDF", "BCDF-GHJK")]), (task.id, shown))
            self.assertEqual("/oauth2/device_authorization", stub.requests[0].target)
            start = json.loads(parse_qs(stub.requests[0].body.decode())["authorization_details"][0])[0]
            self.assertEqual(("look", [{"a:b": 1}]), (start["purpose"], start["sequence"]))
            form = {name: values[0] for name, values in parse_qs(stub.requests[3].body.decode()).items()}
            self.assertEqual(("d", "svid"), (form["device_code"], form["client_assertion"]))
        for error in ("access_denied", "expired_token"):
            with Stub() as stub, self.assertRaises(Refused) as caught:
                stub.answers = [first, told("authorization_pending"), told(error)]
                Task.ask(lambda address, code: None, stub.address, **more)
            self.assertEqual(error, caught.exception.code)
        with Stub() as stub, self.assertRaises(KeyboardInterrupt), patch("time.sleep", side_effect=KeyboardInterrupt):
            stub.answers = [first, (200, {}, b"{}")]
            Task.ask(lambda address, code: None, stub.address, **more)
        withdrawn = {name: values[0] for name, values in parse_qs(stub.requests[1].body.decode()).items()}
        self.assertEqual("/oauth2/revoke", stub.requests[1].target)
        self.assertEqual(("d", "svid"), (withdrawn["token"], withdrawn["client_assertion"]))
        over = (200, {}, json.dumps({**asked, "expires_in": 0, "interval": 0}).encode())
        with Stub() as stub, self.assertRaises(Refused) as caught:
            stub.answers = [over, told("authorization_pending")]
            Task.ask(lambda address, code: None, stub.address, **more)
        self.assertEqual("expired_token: no human allowed the task in time", str(caught.exception))

    def test_the_end_does_not_hide_what_went_wrong(self) -> None:
        with Stub() as stub, self.assertRaises(ZeroDivisionError):
            stub.answers = [refused(401, "task-ended")]
            with stub.task():
                raise ZeroDivisionError
        with Stub() as stub, self.assertRaises(Refused):
            stub.answers = [refused(401, "task-ended")]
            with stub.task():
                pass

    def test_a_child_of_a_child_carries_both_tokens_above_it(self) -> None:
        with Stub() as stub:
            child = stub.task()
            grand = child.derive(calls=1)
            self.assertEqual(f"{VECTORS['token']['jws']}, {child.token}", grand.chain)
            grant = child.derive_for(Key.generate().jwk)
            self.assertEqual({"gateway", "issuer", "token", "chain"}, grant.as_dict().keys())
            self.assertEqual((stub.address, stub.issuer), (grant.gateway, grant.issuer))
            grand.end()
            self.assertEqual(grand.chain, stub.requests[0].headers["delegation-chain"])

    def test_a_refusal_of_a_streamed_call_is_raised_with_its_detail(self) -> None:
        with Stub() as stub, stub.task().client() as http:
            stub.answers = [refused(403, "not-granted", Errand_Approval="https://a.example/1; expires_in=60")]
            with self.assertRaises(Refused) as caught, http.stream("GET", "/a"):
                pass
            self.assertEqual("because of not-granted", caught.exception.detail)
            self.assertEqual("https://a.example/1", caught.exception.approval)

    def test_a_refusal_is_known_in_every_form(self) -> None:
        message = "errand: not-granted: the token grants no 'x' (decision d-2)"
        forms = [
            json.dumps({"code": "not-granted", "detail": "the token grants no 'x'"}),
            json.dumps({"kind": "Status", "status": "Failure", "message": message, "details": {}}),
            f"<Error><Code>AccessDenied</Code><Message>{message.replace(chr(39), '&#39;')}</Message></Error>",
            json.dumps({"jsonrpc": "2.0", "id": 1, "error": {"code": -32010, "message": message}}),
            json.dumps({"errors": [message]}),
            json.dumps({"errors": [{"code": "DENIED", "message": message, "detail": {"decision": "d-2"}}]}),
            message + "\n",
        ]
        for form in forms:
            with self.subTest(form):
                answer = SimpleNamespace(status=200, headers={"Errand-Code": "not-granted"}, data=form.encode())
                refusal = Refused.of(answer)
                assert refusal is not None
                self.assertEqual("the token grants no 'x'", refusal.detail)
        self.assertIsNone(Refused.of(SimpleNamespace(status=403, headers={}, text="Forbidden")))
        self.assertIsNone(Refused.of(ValueError("something else")))

    def test_an_error_of_an_mcp_client_is_known(self) -> None:
        problem = {"code": "not-granted", "decision": "d-2", "detail": "no", "status": 403}
        error = SimpleNamespace(error=SimpleNamespace(code=-32010, data=problem))
        refusal = Refused.of(error)
        assert refusal is not None
        self.assertEqual(("not-granted", "d-2", "maybe"), (refusal.code, refusal.decision, refusal.sent))

    def test_a_companion_is_asked_for_a_child_of_a_new_key(self) -> None:
        with Stub() as stub:
            grant = {
                "token": VECTORS["children"][0]["jws"],
                "chain": VECTORS["token"]["jws"],
                "gateway": stub.address,
                "issuer": stub.issuer,
            }
            stub.answers = [(200, {}, json.dumps(grant).encode())]
            child = Task.below(stub.address + "/secret/derive", allow={"tickets:ticket.read": {}}, calls=2)
            self.assertEqual((grant["token"], grant["chain"]), (child.token, child.chain))
            (asked,) = stub.requests
            self.assertEqual(
                {"jwk": child.key.jwk, "allow": {"tickets:ticket.read": {}}, "calls": 2}, json.loads(asked.body)
            )
            self.assertEqual(stub.address + "/secret/derive", asked.proof["htu"])
            stub.answers = [(400, {}, b'{"step":"4p4","detail":"wider"}')]
            with patch.dict(os.environ, ERRAND_DERIVE=stub.address + "/x"), self.assertRaises(Refused) as caught:
                Task.below()
            self.assertEqual("4p4: wider", str(caught.exception))
            for url in ("", "http://gateway.example.org/x"):
                with self.assertRaisesRegex(ValueError, "no companion"):
                    Task.below(url)

    def test_what_is_no_gateway_is_told(self) -> None:
        with Stub() as stub:
            stub.issuer = None
            with self.assertRaisesRegex(ValueError, "no Errand gateway"):
                Task.start(stub.address, template="a", subject_token="b")
