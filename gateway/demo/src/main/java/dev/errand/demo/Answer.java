package dev.errand.demo;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/**
 * The answer to one call.
 *
 * @param code the gateway's code, or {@code permit} where the upstream's own answer came
 * @param detail the gateway's reason; empty where the upstream's own answer came
 * @param interrupted whether this denial ended the task
 */
record Answer(int status, String code, String detail, boolean interrupted, long nanos) {
    static final String PERMIT = "permit";

    static Answer of(HttpResponse<String> response, long nanos) {
        String type = response.headers().firstValue("Content-Type").orElse("");
        if (!type.startsWith("application/problem+json")) {
            return new Answer(response.statusCode(), PERMIT, "", false, nanos);
        }
        try {
            JsonObject problem = Json.parseObject(response.body().getBytes(StandardCharsets.UTF_8));
            boolean interrupted = problem.get("interrupted") instanceof JsonBoolean flag && flag.value();
            return new Answer(
                    response.statusCode(),
                    String.valueOf(problem.string("code")),
                    String.valueOf(problem.string("detail")),
                    interrupted,
                    nanos);
        } catch (MalformedJsonException e) {
            return new Answer(response.statusCode(), "unreadable answer", "", false, nanos);
        }
    }

    boolean permitted() {
        return code.equals(PERMIT);
    }

    double millis() {
        return nanos / 1e6;
    }
}
