/** MCP's JSON-RPC over streamable HTTP: the operation is named by the body. Pure. */
@NullMarked
package dev.errand.operation.jsonrpc;

import org.jspecify.annotations.NullMarked;
