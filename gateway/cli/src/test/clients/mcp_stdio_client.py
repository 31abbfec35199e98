"""The official client as it is shipped, over standard input and output of a program: calls a tool twice.

usage: mcp_stdio_client.py MODE TOOL ARGUMENTS REFUSED COMMAND
COMMAND is the program and its arguments with U+001F between. It prints the revision, the result of the call with ARGUMENTS,
and the error of the one with REFUSED, which ends it with status 1 where there is none.
"""

import asyncio
import json
import sys

from mcp import Client, StdioServerParameters

mode, tool, arguments, refused, command = sys.argv[1:]
program, *rest = command.split("\x1f")


async def main():
    server = StdioServerParameters(command=program, args=rest)
    async with Client(server, mode=mode, read_timeout_seconds=30) as client:
        print(client.protocol_version)
        print(*sorted(one.name for one in (await client.list_tools()).tools))
        result = await client.call_tool(tool, json.loads(arguments))
        print(result.content[0].text)
        try:
            result = await client.call_tool(tool, json.loads(refused))
        except Exception as error:
            print(error)
            return 0
        print("not refused", result)
        return 1


sys.exit(asyncio.run(main()))
