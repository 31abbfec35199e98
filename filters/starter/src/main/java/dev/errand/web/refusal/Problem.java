package dev.errand.web.refusal;

import dev.errand.denial.DenyReason;
import dev.errand.json.JsonWriter;
import org.springframework.http.MediaType;

/**
 * The form {@code application/problem+json} (RFC 9457), for every refusal that no other form fits. A caller whose proof
 * did not verify learns only the code. The members are in the order of their names.
 */
final class Problem implements RefusalForm {
    @Override
    public boolean fits(RefusalContent told) {
        return true;
    }

    @Override
    public MediaType contentType() {
        return MediaType.APPLICATION_PROBLEM_JSON;
    }

    @Override
    public byte[] body(RefusalContent told) {
        return written(new JsonWriter(), told).toBytes();
    }

    /** Writes the problem as a value. */
    static JsonWriter written(JsonWriter json, RefusalContent told) {
        DenyReason reason = told.denial().reason();
        boolean known = told.task() != null;
        json.object();
        RefusalContent.Waiting approval = told.approval();
        if (approval != null) {
            json.name("approval")
                    .object()
                    .member("digest", approval.digest())
                    .member("expires_in", approval.expiresInSeconds())
                    .member("id", approval.id())
                    .member("uri", approval.uri())
                    .end();
        }
        json.member("code", reason.code());
        if (told.decision() != null) {
            json.member("decision", told.decision());
        }
        json.member("detail", told.detail());
        if (known) {
            json.member("interrupted", told.interrupted());
        }
        json.member("next", told.next().wire()).member("status", told.status());
        if (known && told.denial().step() != null) {
            json.member("step", told.denial().step());
        }
        if (known) {
            json.member("task", told.task());
        }
        json.member("title", reason.title()).member("type", told.issuer() + "/problems/" + reason.code());
        if (known && !told.denial().unknown().isEmpty()) {
            json.name("unknown").array();
            told.denial().unknown().forEach(json::element);
            json.endArray();
        }
        return json.end();
    }
}
