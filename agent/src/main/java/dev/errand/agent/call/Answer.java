package dev.errand.agent.call;

import dev.errand.holder.AgentException;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import io.netty.handler.codec.http.HttpHeaders;

/** A whole answer of the gateway to a request that the companion makes for itself. */
public record Answer(int status, HttpHeaders headers, byte[] body) {

    /** The body as one JSON object; an {@link AgentException} if it is none. */
    public JsonObject json() {
        try {
            return Json.parseObject(body);
        } catch (MalformedJsonException e) {
            throw new AgentException("the gateway answered " + status + " and no JSON object");
        }
    }

    /** The text of a refusal, for a line on standard error. */
    public String refusal() {
        try {
            JsonObject json = Json.parseObject(body);
            String error = json.string("error") != null ? json.string("error") : json.string("code");
            String detail =
                    json.string("error_description") != null ? json.string("error_description") : json.string("detail");
            return status + (error == null ? "" : " " + error) + (detail == null ? "" : ": " + detail);
        } catch (MalformedJsonException e) {
            return String.valueOf(status);
        }
    }
}
