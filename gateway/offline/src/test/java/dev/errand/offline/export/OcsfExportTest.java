package dev.errand.offline.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.log.proof.Segment;
import dev.errand.log.read.LogReader;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Events of API Activity meet the published schema of OCSF 1.8.0. The resource has the class and the objects that events use, as
 * {@code ocsf-schema} has them with what they extend and with the dictionary.
 */
class OcsfExportTest {
    private static final String PERMIT = """
            {"kind":"decision","decision":"d-1","time":"2026-12-01T09:50:26.431Z","outcome":"permit","code":null,"step":null,"detail":null,\
            "rule":null,"task":"t-1","template":"release","revision":"sha-256:a","human":{"iss":"https://idp.example.org","sub":"user:bob"},\
            "anchor":null,"agents":[{"jkt":"k1","sub":"spiffe://example.org/agent/bot","attested":true},{"jkt":"k2","sub":null,"attested":false}],\
            "holder":"k2","instruction":{"source":"human"},"operation":"vault:kv.read","resource":["secret/ci/billing"],"args_hash":"sha-256:b",\
            "arguments":null,"removed":null,"method":"GET","route":"vault","budgets":{"task":1},"state_before":"1","state_after":"2",\
            "mode":"enforce","reaction":null,"over":null,"gateway":"g-1",\
            "traceparent":"00-078ecf5d94e32b79a224253829d8f195-6cbae91052d8e147-01","approval":null,"candidate":null}""";

    private static final String OUTCOME = """
            {"kind":"outcome","decision":"d-1","time":"2026-12-01T09:50:26.451Z","upstream_status":%d,"duration_ms":12,"compensated":false}""";

    private static final String UNVERIFIED = """
            {"kind":"decision","decision":"d-2","time":"2026-12-01T09:50:26.431Z","outcome":"deny","code":"invalid-token","step":"3k",\
            "detail":null,"rule":null,"task":null,"template":null,"revision":null,"human":null,"anchor":null,"agents":null,"holder":null,\
            "instruction":null,"operation":null,"resource":null,"args_hash":null,"method":"GET","route":"vault","budgets":null,"mode":"enforce",\
            "reaction":null,"gateway":"g-1","traceparent":null}""";

    @TempDir
    Path log;

    private List<JsonObject> events(String... lines) throws Exception {
        Files.writeString(log.resolve(Segment.name(0)), String.join("\n", lines) + "\n");
        List<JsonObject> events = new ArrayList<>();
        OcsfExport.run(new LogReader(log), events::add);
        JsonObject schema = schema();
        events.forEach(event -> check(schema, "api_activity", event, profiles(event)));
        return events;
    }

    private static JsonObject schema() throws Exception {
        try (InputStream in = OcsfExportTest.class.getResourceAsStream("/ocsf/api-activity-1.8.0.json")) {
            return Json.parseObject(in.readAllBytes());
        }
    }

    private static Set<String> profiles(JsonObject event) {
        return ((JsonArray) event.object("metadata").get("profiles"))
                .values().stream().map(one -> ((JsonString) one).value()).collect(Collectors.toSet());
    }

    private static void check(JsonObject schema, String type, JsonObject object, Set<String> profiles) {
        JsonObject definition = schema.object("objects").object(type);
        JsonObject attributes = definition.object("attributes");
        assertThat(attributes.members().keySet())
                .as(type)
                .containsAll(object.members().keySet());
        attributes.members().forEach((name, value) -> {
            JsonObject attribute = (JsonObject) value;
            String profile = attribute.string("profile");
            if (profile != null && !profiles.contains(profile)) {
                assertThat(object.get(name))
                        .as("%s.%s, of a profile that is not used", type, name)
                        .isNull();
            } else if (attribute.get("required") != null) {
                assertThat(object.get(name)).as("%s.%s, required", type, name).isNotNull();
            }
            if (object.get(name) != null) {
                checkValue(schema, type + "." + name, attribute, object.get(name), profiles);
            }
        });
        JsonObject constraints = definition.object("constraints");
        if (constraints != null && constraints.get("at_least_one") instanceof JsonArray any) {
            assertThat(any.values()).as(type).anyMatch(one -> object.get(((JsonString) one).value()) != null);
        }
    }

    private static void checkValue(
            JsonObject schema, String place, JsonObject attribute, JsonValue value, Set<String> profiles) {
        if (attribute.get("array") instanceof JsonBoolean) {
            JsonArray array = (JsonArray) value;
            assertThat(array.values()).as(place).isNotEmpty();
            array.values().forEach(one -> checkOne(schema, place, attribute, one, profiles));
        } else {
            checkOne(schema, place, attribute, value, profiles);
        }
    }

    private static void checkOne(
            JsonObject schema, String place, JsonObject attribute, JsonValue value, Set<String> profiles) {
        String type = attribute.string("type");
        switch (type) {
            case "integer_t", "long_t" -> {
                assertThat(value).as(place).isInstanceOf(JsonNumber.class);
                if (attribute.get("enum") instanceof JsonArray values) {
                    assertThat(values.values()).as(place).contains(value);
                }
            }
            case "string_t" -> assertThat(value).as(place).isInstanceOf(JsonString.class);
            case "object" -> assertThat(value).as(place).isInstanceOf(JsonObject.class);
            default -> check(schema, type, (JsonObject) value, profiles);
        }
    }

    @Test
    void aPermittedCall_waitsForItsOutcome() throws Exception {
        List<JsonObject> events = events(PERMIT, UNVERIFIED, OUTCOME.formatted(200));
        assertThat(events).hasSize(2);
        JsonObject call = events.get(1);
        assertThat(call.get("class_uid")).isEqualTo(JsonNumber.of(6003));
        assertThat(call.get("category_uid")).isEqualTo(JsonNumber.of(6));
        assertThat(call.get("type_uid")).isEqualTo(JsonNumber.of(600302));
        assertThat(call.get("time")).isEqualTo(JsonNumber.of(1796118626431L));
        assertThat(call.string("status")).isEqualTo("Success");
        assertThat(call.object("metadata").string("uid")).isEqualTo("d-1");
        assertThat(call.object("actor").object("user").string("uid")).isEqualTo("user:bob");
        assertThat(call.object("actor").string("app_name")).isEqualTo("key k2");
        assertThat(call.object("http_response").get("code")).isEqualTo(JsonNumber.of(200));
        assertThat(call.object("trace").string("uid")).isEqualTo("078ecf5d94e32b79a224253829d8f195");
        assertThat(call.object("unmapped").get("agents")).isInstanceOf(JsonArray.class);
        assertThat(events(PERMIT, OUTCOME.formatted(500)).get(0).string("status"))
                .isEqualTo("Failure");
    }

    @Test
    void aCallWithoutOutcome_isUnknown_andARefusedOneIsAFailure() throws Exception {
        List<JsonObject> events = events(PERMIT, UNVERIFIED);
        assertThat(events).hasSize(2);
        assertThat(events.get(0).string("status")).isEqualTo("Failure");
        assertThat(events.get(0).string("status_code")).isEqualTo("invalid-token");
        assertThat(events.get(0).get("action_id")).isEqualTo(JsonNumber.of(2));
        assertThat(events.get(1).string("status")).isEqualTo("Unknown");
    }

    @Test
    void oddRecords_areEventsToo_andOtherKindsAreNone() throws Exception {
        String waiting = UNVERIFIED.replace("\"kind\":\"decision\"", "\"kind\":\"decision\",\"waiting\":true");
        String options = UNVERIFIED.replace("GET", "PROPFIND").replace("2026-12-01T09:50:26.431Z", "never");
        String none = UNVERIFIED.replace("\"method\":\"GET\"", "\"method\":null");
        List<JsonObject> events =
                events(waiting, options, none, "{\"kind\":\"ended\",\"task\":\"t-1\"}", OUTCOME.formatted(200));
        assertThat(events).hasSize(3);
        assertThat(events.get(0).string("status")).isEqualTo("Waiting");
        assertThat(events.get(1).string("activity_name")).isEqualTo("PROPFIND");
        assertThat(events.get(2).get("activity_id")).isEqualTo(JsonNumber.of(0));
    }
}
