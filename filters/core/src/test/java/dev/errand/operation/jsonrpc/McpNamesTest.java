package dev.errand.operation.jsonrpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class McpNamesTest {
    @Test
    void of_ids_areMethodAndTool() {
        assertThat(McpNames.of("tools:tools.call/read-file")).isEqualTo(new McpNames("tools/call", "read-file"));
        assertThat(McpNames.of("tools:tools.call/a/b.c")).isEqualTo(new McpNames("tools/call", "a/b.c"));
        assertThat(McpNames.of("tools:prompts.get/greet")).isEqualTo(new McpNames("prompts/get", null));
        assertThat(McpNames.of("x:logging.setLevel")).isEqualTo(new McpNames("logging/setLevel", null));
        assertThat(McpNames.of("x:initialize")).isEqualTo(new McpNames("initialize", null));
        assertThat(McpNames.of("x:session.stream")).isNull();
    }
}
