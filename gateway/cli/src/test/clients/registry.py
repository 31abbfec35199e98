"""A push and a pull as the OCI distribution specification has them: in one piece and in chunks, by the Location given."""

import hashlib
import json
import sys
from urllib.parse import urljoin

import requests

from errand_auth import Holder, RequestsAuth

base = sys.argv[1]
session = requests.Session()
session.auth = RequestsAuth(Holder(sys.argv[2]))


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def expect(answer, status):
    assert answer.status_code == status, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}"
    return answer


def location(answer):
    """The next URL: behind the gateway again, whatever the registry calls itself."""
    url = urljoin(answer.url, answer.headers["Location"])
    assert url.startswith(base + "/v2/team/app/"), url
    return url


def push(content, chunk):
    if session.head(f"{base}/v2/team/app/blobs/{digest(content)}").status_code == 200:
        return
    where = location(expect(session.post(f"{base}/v2/team/app/blobs/uploads/"), 202))
    for at in range(0, len(content), chunk):
        part = content[at : at + chunk]
        headers = {"Content-Type": "application/octet-stream", "Content-Range": f"{at}-{at + len(part) - 1}"}
        where = location(expect(session.patch(where, data=part, headers=headers), 202))
    mark = "&" if "?" in where else "?"
    done = expect(session.put(f"{where}{mark}digest={digest(content)}"), 201)
    assert location(done).endswith(digest(content))


config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}).encode()
layer = bytes(range(256)) * 20_000
expect(session.get(base + "/v2/"), 200)
push(config, len(config))
push(layer, 1 << 20)
media = "application/vnd.oci.image."
manifest = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": media + "manifest.v1+json",
        "config": {"mediaType": media + "config.v1+json", "size": len(config), "digest": digest(config)},
        "layers": [{"mediaType": media + "layer.v1.tar", "size": len(layer), "digest": digest(layer)}],
    }
).encode()
headers = {"Content-Type": media + "manifest.v1+json"}
expect(session.put(f"{base}/v2/team/app/manifests/1.0", data=manifest, headers=headers), 201)

pulled = expect(session.get(f"{base}/v2/team/app/manifests/1.0", headers={"Accept": media + "manifest.v1+json"}), 200)
assert pulled.content == manifest
for blob in (config, layer):
    assert expect(session.get(f"{base}/v2/team/app/blobs/{digest(blob)}"), 200).content == blob

expect(session.post(f"{base}/v2/team/other/blobs/uploads/"), 403)
expect(session.post(f"{base}/v2/team/app/blobs/uploads/?mount={digest(config)}&from=secret/app"), 403)
expect(session.put(f"{base}/v2/team/app/manifests/2.0", data=manifest, headers=headers), 403)
expect(session.delete(f"{base}/v2/team/app/manifests/{digest(manifest)}"), 403)
expect(session.get(f"{base}/v2/_catalog"), 403)
expect(session.get(f"{base}/v2/team%2Fapp/manifests/1.0"), 400)
print("done")
