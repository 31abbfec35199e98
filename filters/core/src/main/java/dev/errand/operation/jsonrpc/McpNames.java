package dev.errand.operation.jsonrpc;

import org.jspecify.annotations.Nullable;

/**
 * The names of an MCP message that an operation's id contains.
 *
 * @param method the JSON-RPC method
 * @param tool the tool that is called, or null
 */
public record McpNames(String method, @Nullable String tool) {
    /**
     * Parses an id of a JSON-RPC catalogue; null for the operations of a session, which have no method.
     *
     * @param id with the catalogue's prefix
     */
    public static @Nullable McpNames of(String id) {
        String own = id.substring(id.indexOf(':') + 1);
        if (own.startsWith(RpcIds.TOOL)) {
            return new McpNames("tools/call", own.substring(RpcIds.TOOL.length()));
        }
        if (own.startsWith(RpcIds.PROMPT)) {
            return new McpNames("prompts/get", null);
        }
        return own.startsWith("session.") ? null : new McpNames(own.replace('.', '/'), null);
    }
}
