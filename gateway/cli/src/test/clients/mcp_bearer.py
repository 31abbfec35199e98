"""The official client over mutual TLS: the token as bearer, and a client certificate of its key.

usage: mcp_bearer.py URL TOKEN_FILE CERTIFICATE AUTHORITY
"""

import asyncio
import ssl
import sys
from pathlib import Path

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

url, token, certificate, authority = sys.argv[1:]


async def main():
    tls = ssl.create_default_context(cafile=authority)
    tls.load_cert_chain(certificate)
    headers = {"Authorization": f"Bearer {Path(token).read_text().strip()}"}
    async with httpx2.AsyncClient(verify=tls, headers=headers, timeout=30) as http:
        async with Client(streamable_http_client(url, http_client=http)) as client:
            print(*sorted(one.name for one in (await client.list_tools()).tools))
            print((await client.call_tool("echo", {"message": "by a bearer"})).content[0].text)
            try:
                print(await client.call_tool("get-env", {}))
            except Exception as refused:
                print(refused)


asyncio.run(main())
