"""An ordinary host by the official SDK for Python: declares roots, sampling and elicitation, connects, lists all that the server
says it is capable of, and calls tools.

usage: mcp_host.py SERVER MODE ROOT CALLS
SERVER is a URL, or a program and its arguments with U+001F between. MODE is auto or legacy. ROOT is the folder that the host lets
the server work in. CALLS is a JSON array of [tool, arguments]. It prints one JSON object: the revision, the capabilities, the
tools, the result of each call, and what the SDK complained of.
"""

import asyncio
import json
import logging
import pathlib
import sys
import time

import mcp.types as types
from mcp import Client, StdioServerParameters

server, mode, root, calls = sys.argv[1:]
complaints = []


class Kept(logging.Handler):
    def emit(self, record):
        complaints.append(record.getMessage())


logging.getLogger().addHandler(Kept(level=logging.WARNING))


async def roots(context):
    return types.ListRootsResult(roots=[types.Root(uri=pathlib.Path(root).as_uri())])


async def sample(context, params):
    content = types.TextContent(type="text", text="sampled")
    return types.CreateMessageResult(role="assistant", content=content, model="of-the-test")


async def elicit(context, params):
    return types.ElicitResult(action="decline")


async def heard(message):
    if isinstance(message, Exception):
        complaints.append(f"{type(message).__name__}: {message}")


async def main():
    at = server
    if "://" not in server.split("\x1f")[0]:
        program, *rest = server.split("\x1f")
        at = StdioServerParameters(command=program, args=rest)
    async with Client(
        at,
        mode=mode,
        read_timeout_seconds=60,
        list_roots_callback=roots,
        sampling_callback=sample,
        elicitation_callback=elicit,
        message_handler=heard,
    ) as client:
        capable = client.server_capabilities
        tools = (await client.list_tools()).tools if capable.tools else []
        # A server may add tools when it has heard what its host is capable of, and says so by a message.
        wanted = {name for name, _ in json.loads(calls)[:-1]}
        until = time.monotonic() + 20
        while wanted - {tool.name for tool in tools} and time.monotonic() < until:
            await asyncio.sleep(0.05)
            tools = (await client.list_tools()).tools
        if capable.prompts:
            await client.list_prompts()
        if capable.resources:
            await client.list_resources()
            await client.list_resource_templates()
        results = []
        for tool, arguments in json.loads(calls):
            try:
                result = await client.call_tool(tool, arguments)
                results.append(" ".join(getattr(part, "text", "") for part in result.content))
            except Exception as refused:
                results.append(str(refused))
        print(
            json.dumps(
                {
                    "revision": client.protocol_version,
                    "capabilities": sorted(capable.model_dump(exclude_none=True)),
                    "tools": sorted(tool.name for tool in tools),
                    "results": results,
                    "complaints": complaints,
                }
            )
        )


asyncio.run(main())
