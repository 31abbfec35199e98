package dev.errand.web.refusal;

import dev.errand.denial.DenyReason;
import dev.errand.json.JsonWriter;
import dev.errand.web.call.Call;
import org.springframework.http.MediaType;

/**
 * The form {@code application/problem+json} (RFC 9457), for every call. A caller whose proof did not verify learns the
 * code and no more. The members are in the order of their names.
 */
final class Problem implements RefusalForm {
    @Override
    public boolean fits(Call call) {
        return true;
    }

    @Override
    public MediaType contentType() {
        return MediaType.APPLICATION_PROBLEM_JSON;
    }

    @Override
    public byte[] body(Told told) {
        DenyReason reason = told.denial().reason();
        boolean known = told.task() != null;
        JsonWriter json = new JsonWriter()
                .object()
                .member("code", reason.code())
                .member("decision", told.decision())
                .member("detail", known ? told.denial().detail() : reason.title());
        if (known) {
            json.member("interrupted", told.interrupted());
        }
        json.member("status", told.status());
        if (known && told.denial().step() != null) {
            json.member("step", told.denial().step());
        }
        if (known) {
            json.member("task", told.task());
        }
        json.member("title", reason.title()).member("type", told.issuer() + "/problems/" + reason.code());
        return json.end().toBytes();
    }
}
