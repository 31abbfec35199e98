package dev.errand.operation.jsonrpc;

import static dev.errand.operation.Requests.catalogue;
import static dev.errand.operation.Requests.withBody;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Resolution;
import dev.errand.operation.jsonrpc.ListAnswer.UnreadableAnswerException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ListAnswerTest {
    private static final OperationCatalogue MCP = catalogue("{catalogue: tools, resolver: jsonrpc, path: /mcp}");
    private static final Set<String> LEAF = Set.of(
            "t2:tools.call/echo",
            "t2:prompts.get/greet {\"resource\":\"greet\"}",
            "t2:resources.read {\"resource\":\"x:1\"}");
    private static final String ANSWER =
            "{\"jsonrpc\":\"2.0\",\"id\":1.0,\"result\":{\"tools\":[{\"name\":\"echo\",\"n\":1e3},{\"name\":\"get-env\"},{\"title\":\"none\"}],\"nextCursor\":\"c\"}}";
    private static final String FILTERED =
            "{\"jsonrpc\":\"2.0\",\"id\":1.0,\"result\":{\"tools\":[{\"name\":\"echo\",\"n\":1e3}],\"nextCursor\":\"c\"}}";

    private static Optional<ListAnswer> filter(String method, String params) {
        OperationCatalogue second = MCP.as("t2");
        Resolution.Resolved resolved = (Resolution.Resolved) second.resolve(withBody(
                "POST",
                "/mcp",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}",
                "Content-Type",
                "application/json"));
        return ListAnswer.of(second, resolved.calls(), new Granted() {
            @Override
            public boolean permits(String id, @Nullable JsonObject arguments) {
                return LEAF.contains(arguments == null ? id : id + ' ' + Jcs.canonical(arguments));
            }

            @Override
            public boolean permitsAny(String beginning) {
                return LEAF.stream().anyMatch(grant -> grant.startsWith(beginning));
            }
        });
    }

    private static String json(String method, String body) throws UnreadableAnswerException {
        return new String(
                filter(method, "{}").orElseThrow().json(body.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    @Test
    void json_listsOnlyWhatTheLeafGrants() throws UnreadableAnswerException {
        assertThat(json("tools/list", ANSWER)).isEqualTo(FILTERED);
        assertThat(json("prompts/list", "{\"result\":{\"prompts\":[{\"name\":\"greet\"},{\"name\":\"other\"}]}}"))
                .isEqualTo("{\"result\":{\"prompts\":[{\"name\":\"greet\"}]}}");
        assertThat(json("resources/list", "{\"result\":{\"resources\":[{\"uri\":\"x:2\"},{\"uri\":\"x:1\"}]}}"))
                .isEqualTo("{\"result\":{\"resources\":[{\"uri\":\"x:1\"}]}}");
        assertThat(json("tools/list", "[" + ANSWER + "]")).isEqualTo("[" + FILTERED + "]");
        assertThat(json("tools/list", "{ \"error\" : {} }")).isEqualTo("{ \"error\" : {} }");
    }

    /** LEAF grants a tool, a prompt and the reading of a resource. */
    @Test
    void capabilities_areCutToWhatTheLeafGrants() throws UnreadableAnswerException {
        String stated = "{\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{"
                + "\"tools\":{\"listChanged\":true},\"prompts\":{},\"resources\":{\"subscribe\":true,\"listChanged\":true},"
                + "\"logging\":{},\"completions\":{},\"tasks\":{\"list\":{}},\"experimental\":{\"logging\":{}}},"
                + "\"serverInfo\":{\"name\":\"s\"}}}";
        String cut = "{\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{"
                + "\"tools\":{\"listChanged\":true},\"prompts\":{},\"resources\":{\"listChanged\":true},"
                + "\"experimental\":{\"logging\":{}}},\"serverInfo\":{\"name\":\"s\"}}}";
        assertThat(json("initialize", stated)).isEqualTo(cut);
        assertThat(json("server/discover", stated)).isEqualTo(cut);
        assertThat(json("initialize", "{\"result\":{\"capabilities\":[]}}"))
                .isEqualTo("{\"result\":{\"capabilities\":[]}}");
    }

    @Test
    void json_thatCannotBeRead_isRefused() {
        for (String body :
                new String[] {"{", "{\"result\":{\"tools\":{}}}", "{\"result\":{\"tools\":[],\"tools\":[]}}", "{}{}"}) {
            assertThatThrownBy(() -> json("tools/list", body)).isInstanceOf(UnreadableAnswerException.class);
        }
        assertThatThrownBy(() -> json("tools/list", " ".repeat(ListAnswer.MAX_BYTES + 1)))
                .isInstanceOf(UnreadableAnswerException.class);
    }

    @Test
    void of_answersThatListNothing_passAsTheyAre() {
        assertThat(filter("tools/call", "{\"name\":\"echo\"}")).isEmpty();
        assertThat(filter("ping", "{}")).isEmpty();
    }

    @Test
    void events_inAnyChunks_areFilteredOnce() throws UnreadableAnswerException {
        for (String end : new String[] {"\n", "\r\n", "\r"}) {
            String stream = (": hello\n\nid: 1\ndata:\n\nevent: message\nid: 2\ndata: " + ANSWER
                            + "\n\ndata: {\"x\":\ndata: 1}\n\n")
                    .replace("\n", end);
            String expected =
                    ": hello" + end + end + "id: 1" + end + "data:" + end + end + "event: message\nid: 2\ndata: "
                            + FILTERED + "\n\n" + "data: {\"x\":" + end + "data: 1}" + end + end;
            Random random = new Random(7);
            for (int i = 0; i < 200; i++) {
                assertThat(normal(pass(stream + "data: lost", random))).isEqualTo(normal(expected));
            }
        }
    }

    /** A chunk that ends between CR and LF moves an empty line across an event, which clients skip. */
    private static String normal(String stream) {
        return stream.replaceAll("\r\n|\r", "\n").replaceAll("\n{2,}", "\n\n");
    }

    private static String pass(String stream, Random random) throws UnreadableAnswerException {
        EventStream events = filter("tools/list", "{}").orElseThrow().events();
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int from = 0; from < bytes.length; ) {
            int to = Math.min(bytes.length, from + 1 + random.nextInt(40));
            out.writeBytes(events.push(java.util.Arrays.copyOfRange(bytes, from, to)));
            from = to;
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void events_tooLongOrUnreadable_areRefused() {
        EventStream events = filter("tools/list", "{}").orElseThrow().events();
        assertThatThrownBy(() -> events.push("data: {\n\n".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableAnswerException.class);
        EventStream endless = filter("tools/list", "{}").orElseThrow().events();
        assertThatThrownBy(() -> endless.push(new byte[ListAnswer.MAX_BYTES + 1]))
                .isInstanceOf(UnreadableAnswerException.class);
    }
}
