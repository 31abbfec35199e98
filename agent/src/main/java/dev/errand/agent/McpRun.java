package dev.errand.agent;

import dev.errand.agent.call.CallResources;
import dev.errand.agent.mcp.McpBridge;
import dev.errand.holder.AgentException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Runs the companion as an MCP server on standard input and output, until the input ends or a signal comes. */
record McpRun(CallResources resources, Signals signals) {
    int run(String id, List<TaskRoute> routes) {
        TaskRoute route = routes.stream()
                .filter(one -> one.id().equals(id) && one.isMcp())
                .findFirst()
                .orElseThrow(() -> new AgentException("--mcp: the token's operations name no MCP route '" + id + "'"));
        McpBridge bridge = new McpBridge(resources, route.path(), new FileOutputStream(FileDescriptor.out));
        CountDownLatch over = new CountDownLatch(1);
        Thread serving = new Thread(
                () -> {
                    try {
                        bridge.serve(System.in);
                    } catch (IOException | InterruptedException ended) {
                        Agent.note("the input ended: " + ended.getMessage());
                    } finally {
                        over.countDown();
                    }
                },
                "mcp-input");
        serving.setDaemon(true);
        serving.start();
        signals.to(name -> over.countDown());
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }
}
