package dev.errand.operator;

import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.Printable;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** The answers of the operator's API. */
final class Answers {
    private Answers() {}

    public static Mono<ServerResponse> json(HttpStatus status, JsonObject body) {
        return ServerResponse.status(status)
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(Printable.line(Jcs.canonical(body)));
    }

    /** A problem (RFC 9457) that says why the request failed. */
    public static Mono<ServerResponse> problem(HttpStatus status, String detail) {
        return problem(status, detail, Map.of());
    }

    /** A problem with further members. */
    public static Mono<ServerResponse> problem(HttpStatus status, String detail, Map<String, JsonValue> more) {
        JsonMembers body = new JsonMembers();
        body.put("title", status.getReasonPhrase());
        body.put("status", status.value());
        body.put("detail", detail);
        body.putAll(more);
        return ServerResponse.status(status)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .bodyValue(Printable.line(Jcs.canonical(body.toJson())));
    }

    /** The page in the form that is asked for. */
    public static Mono<ServerResponse> page(ServerRequest request, Page page) {
        return wantsText(request)
                ? ServerResponse.ok()
                        .contentType(new MediaType("text", "plain", StandardCharsets.UTF_8))
                        .bodyValue(page.text())
                : json(HttpStatus.OK, page.json());
    }

    /** Whether the request prefers text for people. */
    public static boolean wantsText(ServerRequest request) {
        return request.headers().accept().stream()
                .findFirst()
                .filter(MediaType.TEXT_PLAIN::equalsTypeAndSubtype)
                .isPresent();
    }

    /** The object with this member added or replaced. */
    public static JsonObject with(JsonObject object, String name, JsonValue value) {
        return new JsonMembers().putAll(object.members()).put(name, value).toJson();
    }
}
