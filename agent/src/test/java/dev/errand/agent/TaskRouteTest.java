package dev.errand.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskRouteTest {
    @ParameterizedTest
    @CsvSource({"jsonrpc,/mcp/,/mcp/,/mcp", "jsonrpc,/mcp,/mcp,/mcp", "template,/ci/,/ci,/ci"})
    void slash_atTheEnd_belongsToAnEndpoint(String resolver, String path, String kept, String prefix) throws Exception {
        String json = "{\"id\":\"a\",\"path\":\"" + path + "\",\"resolver\":\"" + resolver + "\"}";
        TaskRoute route = Objects.requireNonNull(TaskRoute.of(Json.parseObject(json.getBytes(StandardCharsets.UTF_8))));
        assertThat(route.path()).isEqualTo(kept);
        assertThat(route.prefix()).isEqualTo(prefix);
    }
}
