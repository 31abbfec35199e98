"""A gateway and a companion on loopback are reached directly, whatever proxy the environment names."""

import json
import os
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import httpx
from botocore.config import Config
from errand_agent import Task
from errand_agent._gateway import new_client

from .stub import VECTORS, Stub, permitted
from .test_repeats import with_boto3, with_httpx, with_httpx_async, with_kubernetes


@contextmanager
def proxied(proxy: Stub) -> Iterator[None]:
    """An environment that names a proxy for everything, and nothing that passes it by."""
    names = {name: proxy.address for kind in ("http", "https", "all") for name in (f"{kind}_proxy", f"{kind}_PROXY".upper())}
    with patch.dict(os.environ, {**names, "no_proxy": "", "NO_PROXY": ""}):
        yield


class ProxiesTest(unittest.TestCase):
    def test_the_proxy_of_the_environment_gets_no_call(self) -> None:
        for client in (with_httpx, with_httpx_async, with_boto3, with_kubernetes):
            with self.subTest(client.__name__), Stub() as stub, Stub() as proxy:
                task = stub.task()
                with proxied(proxy):
                    client(task)()
                self.assertEqual((1, 0), (len(stub.requests), len(proxy.requests)))

    def test_the_proxy_of_the_environment_gets_no_start_and_no_end(self) -> None:
        with Stub() as stub, Stub() as proxy, proxied(proxy):
            stub.answers = [(200, {}, json.dumps({"access_token": VECTORS["token"]["jws"]}).encode()), permitted()]
            with Task.start(stub.address, template="triage", subject_token="human", svid="svid"):
                pass
            self.assertEqual((2, 0), (len(stub.requests), len(proxy.requests)))

    def test_the_proxy_of_the_environment_does_not_see_the_companion(self) -> None:
        with Stub() as stub, Stub() as proxy, proxied(proxy):
            grant = {"token": VECTORS["children"][0]["jws"], "chain": VECTORS["token"]["jws"]}
            grant.update(gateway=stub.address, issuer=str(stub.issuer))
            stub.answers = [(200, {}, json.dumps(grant).encode())]
            Task.below(stub.address + "/secret/derive")
            self.assertEqual((1, 0), (len(stub.requests), len(proxy.requests)))

    def test_each_address_of_loopback_is_reached_directly(self) -> None:
        with Stub() as proxy, proxied(proxy):
            for host in ("127.0.0.1", "127.0.0.2", "localhost", "LOCALHOST", "[::1]"):
                # Nothing listens at port 1.
                with self.subTest(host), self.assertRaises(httpx.ConnectError), new_client(f"http://{host}:1") as http:
                    http.get(f"http://{host}:1/a")
            self.assertEqual(0, len(proxy.requests))

    def test_beyond_loopback_the_proxy_of_the_environment_is_used(self) -> None:
        with Stub() as proxy, proxied(proxy), new_client("https://gateway.example.org") as http:
            http.get("http://other.example.org/a")
            self.assertEqual(1, len(proxy.requests))

    def test_a_proxy_that_the_caller_names_is_used(self) -> None:
        with Stub() as stub, Stub() as proxy:
            task = stub.task()
            with task.client(proxy=proxy.address) as http:
                http.get("/a")
            task.s3("/s3", config=Config(proxies={"http": proxy.address})).get_object(Bucket="a", Key="b")
            self.assertEqual((0, 2), (len(stub.requests), len(proxy.requests)))
