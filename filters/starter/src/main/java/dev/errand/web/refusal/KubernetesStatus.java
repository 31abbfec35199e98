package dev.errand.web.refusal;

import dev.errand.json.JsonWriter;
import dev.errand.operation.RefusalStyle;
import org.springframework.http.MediaType;

/** The {@code Status} of an apiserver (Kubernetes API conventions, "Response Status Kind"), as client-go reads it. */
final class KubernetesStatus implements RefusalForm {
    @Override
    public boolean fits(RefusalContent told) {
        return told.style() == RefusalStyle.KUBERNETES;
    }

    @Override
    public MediaType contentType() {
        return MediaType.APPLICATION_JSON;
    }

    @Override
    public byte[] body(RefusalContent told) {
        JsonWriter json = new JsonWriter()
                .object()
                .member("apiVersion", "v1")
                .member("kind", "Status")
                .member("status", "Failure")
                .member("reason", reason(told.status()))
                .member("message", told.message())
                .member("code", told.status());
        if (told.retryAfterSeconds() != null) {
            json.name("details")
                    .object()
                    .member("retryAfterSeconds", Long.parseLong(told.retryAfterSeconds()))
                    .end();
        }
        return json.end().toBytes();
    }

    private static String reason(int status) {
        return switch (status) {
            case 400 -> "BadRequest";
            case 401 -> "Unauthorized";
            case 429 -> "TooManyRequests";
            case 502, 504 -> "InternalError";
            case 503 -> "ServiceUnavailable";
            default -> "Forbidden";
        };
    }
}
