package dev.errand.operation.jsonrpc;

import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RenamedCatalogue;
import java.util.List;

/** Tells which calls belong to MCP's sessions. */
public final class McpSessions {
    private McpSessions() {}

    /** Whether the requests of that catalogue have sessions. */
    public static boolean areOf(OperationCatalogue catalogue) {
        OperationCatalogue original = catalogue instanceof RenamedCatalogue renamed ? renamed.original() : catalogue;
        return original instanceof JsonRpcCatalogue;
    }

    /** Whether calls of such a catalogue end their session. */
    public static boolean isEnd(List<OperationCall> calls) {
        return calls.size() == 1 && calls.get(0).operation().id().endsWith(":" + RpcIds.END);
    }
}
