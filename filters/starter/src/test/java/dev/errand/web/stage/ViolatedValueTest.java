package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.token.ArgumentMap;
import dev.errand.token.ArgumentMap.Rule;
import dev.errand.token.Exact;
import dev.errand.token.ToolGrant;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ViolatedValueTest {
    private static final ToolGrant GRANT =
            new ArgumentMap(Map.of("a", new Rule(new Exact(new JsonString("x")), false)), false);

    private static String said(String arguments, String argument) throws Exception {
        JsonObject given = Json.parseObject(arguments.getBytes(StandardCharsets.UTF_8));
        Operation operation = new Operation("x:y", Effect.WRITE, false, false);
        return ViolatedValue.said(new OperationCall(operation, "r", given, false), argument, GRANT);
    }

    @Test
    void said_isTheValueAndTheConstraint() throws Exception {
        String granted = ", and granted is {\"constraint_type\":\"exact\",\"value\":\"x\"}";
        assertThat(said("{\"a\":\"secret/b\"}", "a")).isEqualTo("it was secret/b" + granted);
        assertThat(said("{\"a\":{\"z\":1,\"b\":[true]}}", "a")).isEqualTo("it was {\"b\":[true],\"z\":1}" + granted);
        assertThat(said("{}", "a")).isEqualTo("it is missing" + granted);
        assertThat(said("{\"a\":\"x\",\"c\":7}", "c")).isEqualTo("it was 7, and the grant has no such argument");
        assertThat(said("{\"a\":1e400}", "a")).isEqualTo("it was a number that no double holds" + granted);
    }

    @Test
    void said_isOneLineOfAtMost128Characters() throws Exception {
        assertThat(said("{\"a\":\"" + "v".repeat(500) + "\"}", "a")).startsWith("it was " + "v".repeat(128) + "…, and");
        assertThat(said("{\"a\":\"" + "v".repeat(127) + "\ud83d\ude00\"}", "a"))
                .startsWith("it was " + "v".repeat(127) + "…, and");
        assertThat(said("{\"a\":\"b\\n\u202ec\"}", "a")).startsWith("it was b\\u000a\\u202ec, and");
    }
}
