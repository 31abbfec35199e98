package dev.errand.web.refusal;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.JsonWriter;
import dev.errand.operation.RefusalStyle;
import dev.errand.operation.jsonrpc.RpcRequestId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/**
 * A JSON-RPC 2.0 error, if a request with an id was read. Any other refusal gets the form of a problem. Clients of MCP hide the
 * body of a 403 and read the code -32001 as a time-out. So the status is 200, except for statuses on which the HTTP client acts.
 * Clients show a model the message alone, so it also says what to do.
 */
final class JsonRpcError implements RefusalForm {
    /** A code of the range that JSON-RPC leaves to servers (-32000 to -32099). */
    private static final long CODE = -32010;

    /** {@code URLElicitationRequiredError} of MCP: the client shows its user the page, and repeats the request afterwards. */
    private static final long ELICITATION = -32042;

    @Override
    public boolean fits(RefusalContent told) {
        return told.style() == RefusalStyle.JSONRPC && id(told) != null;
    }

    private static @Nullable JsonValue id(RefusalContent told) {
        return told.request() == null ? null : RpcRequestId.of(told.request());
    }

    @Override
    public MediaType contentType() {
        return MediaType.APPLICATION_JSON;
    }

    @Override
    public int status(RefusalContent told) {
        boolean kept = told.task() == null || told.status() == 401 || told.status() == 429 || told.status() == 503;
        return kept ? told.status() : 200;
    }

    private static void elicitation(JsonWriter json, RefusalContent.Waiting approval) {
        json.name("approval")
                .object()
                .member("digest", approval.digest())
                .member("expires_in", approval.expiresInSeconds())
                .member("id", approval.id())
                .member("uri", approval.uri())
                .end();
        json.name("elicitations")
                .array()
                .elementObject()
                .member("mode", "url")
                .member("elicitationId", approval.id())
                .member("url", approval.uri())
                .member("message", "A human has to approve this call.")
                .end()
                .endArray();
    }

    @Override
    public byte[] body(RefusalContent plain) {
        RefusalContent told = plain.instructing();
        JsonValue id = Objects.requireNonNull(id(told), "no request was read");
        JsonWriter json = new JsonWriter().object().member("jsonrpc", "2.0").name("id");
        if (id instanceof JsonString text) {
            json.value(text.value());
        } else {
            json.literal(((JsonNumber) id).text());
        }
        RefusalContent.Waiting approval = told.approval();
        if (approval != null && approval.elicits()) {
            json.name("error").object().member("code", ELICITATION).member("message", told.message());
            elicitation(json.name("data").object(), approval);
            json.member("next", told.next().wire()).end();
        } else {
            json.name("error").object().member("code", CODE).member("message", told.message());
            Problem.written(json.name("data"), told);
        }
        return json.end().end().toBytes();
    }
}
