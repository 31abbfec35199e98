"""The official client as it is shipped: connects, lists the tools, and calls one.

usage: mcp_client.py URL MODE TOOL ARGUMENTS
MODE is auto (the newest revision that the server knows) or legacy (a session). It prints the revision, the tools, and the
result, a line each; a call that fails ends it with status 1.
"""

import asyncio
import json
import sys

from mcp import Client

url, mode, tool, arguments = sys.argv[1:]


async def main():
    async with Client(url, mode=mode, read_timeout_seconds=30) as client:
        print(client.protocol_version)
        print(*sorted(one.name for one in (await client.list_tools()).tools))
        result = await client.call_tool(tool, json.loads(arguments))
        print(result.content[0].text)
        return 1 if result.is_error else 0


sys.exit(asyncio.run(main()))
