package dev.errand.web.refusal;

import dev.errand.json.JsonWriter;
import dev.errand.operation.RefusalStyle;
import org.springframework.http.MediaType;

/** The list of errors of a registry (OCI distribution specification, "Error codes"). */
final class OciErrors implements RefusalForm {
    @Override
    public boolean fits(RefusalContent told) {
        return told.style() == RefusalStyle.OCI;
    }

    @Override
    public MediaType contentType() {
        return MediaType.APPLICATION_JSON;
    }

    @Override
    public byte[] body(RefusalContent told) {
        JsonWriter json = new JsonWriter()
                .object()
                .name("errors")
                .array()
                .elementObject()
                .member("code", code(told.status()))
                .member("message", told.message());
        json.name("detail").object().member("decision", told.decision()).end();
        return json.end().endArray().end().toBytes();
    }

    private static String code(int status) {
        return switch (status) {
            case 400 -> "UNSUPPORTED";
            case 401 -> "UNAUTHORIZED";
            case 429 -> "TOOMANYREQUESTS";
            case 502, 503, 504 -> "UNAVAILABLE";
            default -> "DENIED";
        };
    }
}
