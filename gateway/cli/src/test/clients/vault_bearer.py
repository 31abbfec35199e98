"""hvac as it is shipped: the token is Vault's, and the client certificate is of its key.

usage: vault_bearer.py URL TOKEN_FILE CERTIFICATE AUTHORITY
"""

import sys
from pathlib import Path

import hvac

url, token, certificate, authority = sys.argv[1:]
client = hvac.Client(url=url, token=Path(token).read_text().strip(), cert=(certificate, certificate), verify=authority)
print(client.secrets.kv.v2.read_secret_version(path="docs/a", raise_on_deleted_version=True)["data"]["data"])
try:
    client.secrets.kv.v2.read_secret_version(path="other/a", raise_on_deleted_version=True)
except hvac.exceptions.Forbidden as refused:
    print(refused)
thief = hvac.Client(url=url, token=client.token, verify=authority)
try:
    thief.secrets.kv.v2.read_secret_version(path="docs/a", raise_on_deleted_version=True)
except hvac.exceptions.Unauthorized as refused:
    print(refused)
