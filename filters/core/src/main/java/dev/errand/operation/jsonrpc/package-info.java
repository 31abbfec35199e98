/** MCP's JSON-RPC over streamable HTTP: the body names the operation. Pure. */
@NullMarked
package dev.errand.operation.jsonrpc;

import org.jspecify.annotations.NullMarked;
