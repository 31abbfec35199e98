"""hvac as it is: KV version 2 inside the template and outside of it."""

import sys

import hvac
import requests

from errand_auth import Holder, RequestsAuth, refused

session = requests.Session()
session.auth = RequestsAuth(Holder(sys.argv[2]))
kv = hvac.Client(url=sys.argv[1], session=session).secrets.kv.v2

kv.create_or_update_secret(path="docs/payments/a", secret={"user": "x"})
kv.patch(path="docs/payments/a", secret={"more": "y"})
read = kv.read_secret_version(path="docs/payments/a", raise_on_deleted_version=True)
assert read["data"]["data"] == {"user": "x", "more": "y"}, read
assert kv.read_secret_version(path="docs/payments/a", version=1, raise_on_deleted_version=True)["data"]["data"] == {"user": "x"}
assert kv.list_secrets(path="docs/payments")["data"]["keys"] == ["a"]
refused(lambda: kv.read_secret_version(path="docs/billing/a", raise_on_deleted_version=True), 403)
refused(lambda: kv.read_secret_version(path="docs/payments/../billing/a", raise_on_deleted_version=True), 400, 403)
refused(lambda: kv.delete_metadata_and_all_versions(path="docs/payments/a"), 403)
refused(lambda: kv.configure(max_versions=1), 403)
kv.delete_latest_version_of_secret(path="docs/payments/a")
print("done")
