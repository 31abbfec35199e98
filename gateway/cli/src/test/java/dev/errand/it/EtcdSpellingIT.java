package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.it.SpellingRun.Permitted;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The spelling table, and one of bodies, against Debian's etcd: its keys before and after are what it did. */
@Tag("etcd")
class EtcdSpellingIT {
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String A = base64("flags/a");
    private static final String B = base64("flags/b");
    private static final String C = base64("flags/c");
    private static final String PUT = "{\"key\":\"" + A + "\",\"value\":\"" + base64("changed") + "\"}";
    private static final String ONE = "{\"key\":\"" + A + "\"}";

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void table_throughTheGateway_isTheNamedOperationOrRefused(@TempDir Path directory) {
        try (RealServer etcd = RealServer.etcd(directory);
                RecordingRelay relay = new RecordingRelay(etcd.port());
                FrontedServer fronted = FrontedServer.start("etcd", relay.uri(), FrontedServer.everything("etcd"))) {
            SpellingRun run = new SpellingRun(fronted.gateway(), fronted.agent(), relay, new Witness(etcd));
            Spelling.Base put = base("/v3/kv/put", JSON, PUT);
            run.run(Spelling.of(put));
            run.run(Spelling.of(base("/v3/kv/range", JSON, ONE)));
            run.run(Spelling.of(base("/v3/kv/deleterange", JSON, ONE)));
            run.run(bodies());
            run.run(Spelling.framings(
                    put, "POST /v3/kv/deleterange HTTP/1.1\r\nHost: x\r\nContent-Length: 14\r\n\r\n" + ONE));
            assertThat(run.wrong()).isEmpty();
            assertThat(run.permitted()).contains("plain", "chunked", "letter at 3 as %6b", "range of two");
            assertThat(run.outcomes()).doesNotContainKeys("invalid-token", "not-granted", "decision-unavailable");
        }
    }

    private static Spelling.Base base(String path, String lines, String body) {
        return new Spelling.Base("POST", "/etcd", path, "", lines, body);
    }

    private static List<Spelling> bodies() {
        Map<String, String> bodies = new LinkedHashMap<>();
        bodies.put("range of two", "{\"key\":\"" + A + "\",\"range_end\":\"" + C + "\"}");
        bodies.put("key twice", "{\"key\":\"" + A + "\",\"key\":\"" + B + "\"}");
        bodies.put("key twice, one escaped", "{\"key\":\"" + A + "\",\"k\\u0065y\":\"" + B + "\"}");
        bodies.put("key escaped", "{\"k\\u0065y\":\"" + A + "\"}");
        bodies.put("key in upper case", "{\"KEY\":\"" + A + "\"}");
        bodies.put("key in two cases", "{\"key\":\"" + A + "\",\"Key\":\"" + B + "\"}");
        bodies.put("range_end in camel case", "{\"key\":\"" + A + "\",\"rangeEnd\":\"" + C + "\"}");
        bodies.put("range_end twice", "{\"key\":\"" + A + "\",\"range_end\":\"" + B + "\",\"rangeEnd\":\"" + C + "\"}");
        bodies.put("two values", ONE + " {\"key\":\"" + B + "\"}");
        bodies.put("a word behind", ONE + "x");
        bodies.put("an array", "[" + ONE + "]");
        bodies.put("a string", "\"" + A + "\"");
        bodies.put("null", "null");
        bodies.put("key null", "{\"key\":null}");
        bodies.put("key a number", "{\"key\":1234}");
        bodies.put("key an object", "{\"key\":{\"key\":\"" + A + "\"}}");
        bodies.put("a comment", "{/*\"key\":\"" + B + "\",*/\"key\":\"" + A + "\"}");
        bodies.put("a trailing comma", "{\"key\":\"" + A + "\",}");
        bodies.put("single quotes", "{'key':'" + A + "'}");
        bodies.put("byte order mark", "\u00ef\u00bb\u00bf" + ONE);
        bodies.put("NUL behind", ONE + "\u0000");
        bodies.put("latin-1", "{\"key\":\"" + A + "\",\"x\":\"\u00e9\"}");
        bodies.put("empty", "");
        bodies.put("empty object", "{}");
        bodies.put("a million brackets", "[".repeat(100_000));
        bodies.put("a form", "key=" + A);
        bodies.put("white space around", " \t\r\n" + ONE + "\n ");
        List<Spelling> all = new ArrayList<>();
        for (String path : List.of("/v3/kv/range", "/v3/kv/deleterange")) {
            bodies.forEach((name, body) -> all.add(base(path, JSON, body).as(name)));
            for (String type : List.of(
                    "text/plain",
                    "application/x-www-form-urlencoded",
                    "application/json; charset=utf-16",
                    "application/json, text/plain",
                    "application/grpc",
                    "multipart/form-data; boundary=x",
                    "")) {
                all.add(base(path, "Content-Type: " + type + "\r\n", ONE).as("type " + type));
            }
            for (String line : List.of(
                    "Content-Encoding: gzip",
                    "Content_Encoding: gzip",
                    "Content-Encoding: identity",
                    "Content-Type: text/plain",
                    "Grpc-Metadata-token: x",
                    "Grpc-Timeout: 1n",
                    "Content_Type: text/plain")) {
                all.add(base(path, JSON + line + "\r\n", ONE).as("line " + line));
            }
        }
        return all;
    }

    /** Asks etcd. */
    private static final class Witness implements SpellingRun.Witness {
        private final RealServer etcd;
        private Map<String, String> before = Map.of();

        Witness(RealServer etcd) {
            this.etcd = etcd;
        }

        @Override
        public void reset() {
            Map<String, String> wanted = Map.of(A, base64("a"), B, base64("b"), C, base64("c"));
            if (!keys().equals(wanted)) {
                Direct.call("POST", etcd.uri() + "/v3/kv/deleterange", "{\"key\":\"AA==\",\"range_end\":\"AA==\"}");
                wanted.forEach((key, value) -> Direct.call(
                        "POST", etcd.uri() + "/v3/kv/put", "{\"key\":\"" + key + "\",\"value\":\"" + value + "\"}"));
            }
            before = keys();
        }

        private Map<String, String> keys() {
            return pairs(Direct.call("POST", etcd.uri() + "/v3/kv/range", "{\"key\":\"AA==\",\"range_end\":\"AA==\"}")
                    .body());
        }

        private static Map<String, String> pairs(String answer) {
            Map<String, String> pairs = new TreeMap<>();
            if (Jws.object(answer).get("kvs") instanceof JsonArray found) {
                for (JsonValue one : found.values()) {
                    pairs.put(
                            String.valueOf(((JsonObject) one).string("key")),
                            String.valueOf(((JsonObject) one).string("value")));
                }
            }
            return pairs;
        }

        @Override
        public Set<String> did(RawHttp.@Nullable Response answer) {
            Map<String, String> after = keys();
            Set<String> did = new LinkedHashSet<>();
            List<String> removed = new ArrayList<>(before.keySet());
            removed.removeAll(after.keySet());
            if (!removed.isEmpty()) {
                did.add("etcd:kv.delete-range " + over(removed));
            }
            after.forEach((key, value) -> {
                if (!value.equals(before.get(key))) {
                    did.add("etcd:kv.put " + over(List.of(key)));
                }
            });
            if (answer != null && answer.status() == 200 && answer.body().contains("\"kvs\"")) {
                String json = answer.body();
                List<String> shown = new ArrayList<>(pairs(json.substring(json.indexOf('{'), json.lastIndexOf('}') + 1))
                        .keySet());
                did.add("etcd:kv.range " + over(shown));
            }
            return did;
        }

        /** The hash of the arguments that mean these keys and no other: the end of a range is the next key there was. */
        private String over(List<String> keys) {
            Map<String, JsonValue> arguments = new LinkedHashMap<>();
            arguments.put("resource", new JsonString("kv"));
            arguments.put("key", new JsonString(keys.get(0)));
            if (keys.size() > 1) {
                List<String> all = List.of(A, B, C);
                arguments.put("range_end", new JsonString(all.get(all.indexOf(keys.get(keys.size() - 1)) + 1)));
            }
            try {
                byte[] hash =
                        MessageDigest.getInstance("SHA-256").digest(Jcs.canonicalBytes(new JsonObject(arguments)));
                return "sha-256:" + Jws.base64(hash);
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public Set<String> means(Permitted call) {
            return Set.of(call.operations().get(0) + ' ' + call.argsHash());
        }

        @Override
        public boolean mayBeIdle(Permitted call) {
            return false;
        }
    }
}
