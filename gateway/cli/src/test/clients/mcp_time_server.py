"""The official time server, which is shipped to speak over standard input, over streamable HTTP instead."""

import sys

import uvicorn
from mcp_server_time.server import create_server

uvicorn.run(create_server("UTC").streamable_http_app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
