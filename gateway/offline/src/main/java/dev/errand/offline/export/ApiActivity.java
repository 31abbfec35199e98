package dev.errand.offline.export;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.log.RecordFields;
import dev.errand.log.read.LogReader;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One event of OCSF 1.8.0's class API Activity (6003), with the profiles {@code security_control} and {@code trace}. OCSF has no object for
 * a delegation, so the chain of holders is under {@code unmapped}. Pure.
 */
final class ApiActivity {
    private static final String VERSION = "1.8.0";
    private static final int CLASS = 6003;
    private static final int CATEGORY = 6;
    private static final int OTHER = 99;
    private static final List<String> UNMAPPED = List.of(
            "agents",
            "instruction",
            "step",
            "rule",
            "args_hash",
            "arguments",
            "budgets",
            "mode",
            "reaction",
            "state_before",
            "state_after",
            "approval",
            "candidate");

    private final Map<String, JsonValue> members = new LinkedHashMap<>();

    private ApiActivity() {}

    /** The event of a decision, with the record of its outcome if there is one. */
    static JsonObject of(LogReader.Entry entry, @Nullable JsonObject outcome) {
        JsonObject record = entry.json();
        boolean permit = RecordFields.isPermit(record);
        int activity = activity(record.string("method"));
        ApiActivity event = new ApiActivity();
        event.number("class_uid", CLASS).number("category_uid", CATEGORY);
        event.number("activity_id", activity).number("type_uid", CLASS * 100L + activity);
        event.text("activity_name", activity == OTHER ? record.string("method") : null);
        event.number("time", millis(record.string("time")));
        event.number("severity_id", permit ? 1 : "interrupt".equals(record.string("reaction")) ? 3 : 2);
        event.status(record, permit, outcome);
        event.number("action_id", permit ? 1 : 2).number("disposition_id", permit ? 1 : 2);
        event.add("metadata", metadata(entry));
        event.add("actor", actor(record));
        event.add("api", api(record, outcome));
        event.add("src_endpoint", endpoint(record));
        event.add("http_request", new ApiActivity().text("http_method", record.string("method")));
        Long code = status(outcome);
        event.add("http_response", code == null ? null : new ApiActivity().number("code", code));
        event.add("resources", resources(record));
        String trace = record.string("traceparent");
        if (trace != null && trace.matches("00-[0-9a-f]{32}-.*")) {
            event.add("trace", new ApiActivity().text("uid", trace.substring(3, 35)));
        }
        ApiActivity unmapped = new ApiActivity();
        UNMAPPED.forEach(name -> unmapped.value(name, record.get(name)));
        event.add("unmapped", unmapped);
        return event.json();
    }

    private static int activity(@Nullable String method) {
        return switch (method == null ? "" : method) {
            case "" -> 0;
            case "POST" -> 1;
            case "GET", "HEAD", "LIST" -> 2;
            case "PUT", "PATCH" -> 3;
            case "DELETE" -> 4;
            default -> OTHER;
        };
    }

    private static long millis(@Nullable String time) {
        try {
            return Instant.parse(String.valueOf(time)).toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            return 0;
        }
    }

    private static @Nullable Long status(@Nullable JsonObject outcome) {
        return outcome != null && outcome.get("upstream_status") instanceof JsonNumber code && code.isLong()
                ? code.asLong()
                : null;
    }

    private void status(JsonObject record, boolean permit, @Nullable JsonObject outcome) {
        Long code = status(outcome);
        if (RecordFields.isWaiting(record)) {
            number("status_id", OTHER).text("status", "Waiting");
        } else if (!permit) {
            number("status_id", 2).text("status", "Failure");
        } else if (code == null) {
            number("status_id", 0).text("status", "Unknown");
        } else {
            number("status_id", code < 400 ? 1 : 2).text("status", code < 400 ? "Success" : "Failure");
        }
        text("status_code", permit ? (code == null ? null : code.toString()) : record.string("code"));
        text("status_detail", record.string("detail"));
    }

    private static ApiActivity metadata(LogReader.Entry entry) {
        JsonObject record = entry.json();
        ApiActivity metadata = new ApiActivity().text("version", VERSION);
        metadata.add("product", new ApiActivity().text("name", "Errand").text("vendor_name", "Errand"));
        metadata.members.put(
                "profiles", new JsonArray(List.of(new JsonString("security_control"), new JsonString("trace"))));
        metadata.text("uid", record.string("decision")).text("correlation_uid", record.string("task"));
        metadata.number("sequence", entry.index());
        return metadata.text("log_name", "provenance").text("log_provider", record.string("gateway"));
    }

    /** The human, for whom the caller acts in a task. */
    private static ApiActivity actor(JsonObject record) {
        ApiActivity actor = new ApiActivity();
        JsonObject human = record.object("human");
        if (human != null) {
            actor.add("user", new ApiActivity().text("uid", human.string("sub")).text("domain", human.string("iss")));
            String issuer = human.string("iss");
            actor.add(
                    "idp",
                    issuer == null
                            ? null
                            : new ApiActivity().text("name", issuer).text("uid", issuer));
        }
        actor.add("session", new ApiActivity().text("uid", record.string("task")));
        ApiActivity policy = new ApiActivity().text("name", record.string("template"));
        if (!policy.members.isEmpty()) {
            policy.text("version", record.string("revision"));
            ApiActivity authorization = new ApiActivity().text("decision", record.string("outcome"));
            authorization.add("policy", policy);
            actor.members.put("authorizations", new JsonArray(List.of(authorization.json())));
        }
        return actor.text("app_name", caller(record));
    }

    private static String caller(JsonObject record) {
        List<JsonObject> agents = RecordFields.agents(record);
        return agents.isEmpty() ? "unverified" : RecordFields.name(agents.get(agents.size() - 1));
    }

    private static ApiActivity endpoint(JsonObject record) {
        return new ApiActivity().text("name", caller(record)).text("uid", record.string("holder"));
    }

    private static ApiActivity api(JsonObject record, @Nullable JsonObject outcome) {
        String operation = record.string("operation");
        ApiActivity api = new ApiActivity().text("operation", operation == null ? "unknown" : operation);
        api.add("service", new ApiActivity().text("name", record.string("route")));
        api.add("request", new ApiActivity().text("uid", record.string("decision")));
        ApiActivity response = new ApiActivity().text("error", record.string("code"));
        Long code = status(outcome);
        if (code != null) {
            response.number("code", code);
        }
        api.add("response", response);
        return api;
    }

    private static @Nullable JsonArray resources(JsonObject record) {
        List<JsonValue> resources = RecordFields.resources(record).stream()
                .filter(name -> !name.isEmpty())
                .map(name -> (JsonValue) new ApiActivity().text("name", name).json())
                .toList();
        return resources.isEmpty() ? null : new JsonArray(resources);
    }

    private ApiActivity text(String name, @Nullable String value) {
        return value(name, value == null ? null : new JsonString(value));
    }

    private ApiActivity number(String name, long value) {
        return value(name, JsonNumber.of(value));
    }

    private void add(String name, @Nullable ApiActivity object) {
        value(name, object == null || object.members.isEmpty() ? null : object.json());
    }

    private void add(String name, @Nullable JsonArray array) {
        value(name, array);
    }

    private ApiActivity value(String name, @Nullable JsonValue value) {
        if (value != null && !(value instanceof JsonNull)) {
            members.put(name, Objects.requireNonNull(value));
        }
        return this;
    }

    private JsonObject json() {
        return new JsonObject(members);
    }
}
