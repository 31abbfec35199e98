"""etcd's JSON API as its documentation shows it, with `requests`."""

import base64
import sys

import requests

from errand_auth import Holder, RequestsAuth

session = requests.Session()
session.auth = RequestsAuth(Holder(sys.argv[2]))


def key(text):
    return base64.b64encode(text.encode()).decode()


def call(path, status, **body):
    answer = session.post(sys.argv[1] + "/v3/" + path, json=body)
    assert answer.status_code == status, f"{path} {body}: {answer.status_code} {answer.text}"
    return answer.json()


call("kv/put", 200, key=key("flags/beta"), value=key("on"))
assert call("kv/range", 200, key=key("flags/beta"))["kvs"][0]["value"] == key("on")
call("kv/put", 403, key=key("flags/other"), value=key("on"))
call("kv/range", 403, key=key("flags/beta"), range_end=key("flags/z"))
call("kv/range", 400, key=key("flags/beta"), rangeEnd=key("flags/z"))
call("kv/deleterange", 403, key=key("flags/beta"))
call("kv/txn", 403, success=[{"request_put": {"key": key("flags/other"), "value": key("x")}}])
assert call("kv/range", 200, key=key("flags/beta"))["count"] == "1"
print("done")
