package dev.errand.web.refusal;

import dev.errand.denial.Denial;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The body of a refusal: {@code application/problem+json} (RFC 9457). A caller whose proof did not verify learns the
 * code and no more.
 */
final class Problem {
    private Problem() {}

    /**
     * @param task the task's id where the holder is verified, else null: then step, detail and interruption are left out
     * @param interrupted whether this denial ended the task or the token
     */
    static byte[] body(
            String issuer, Denial denial, int status, String decision, @Nullable String task, boolean interrupted) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put(
                "type", new JsonString(issuer + "/problems/" + denial.reason().code()));
        members.put("title", new JsonString(denial.reason().title()));
        members.put("status", JsonNumber.of(status));
        members.put("code", new JsonString(denial.reason().code()));
        members.put("decision", new JsonString(decision));
        if (task == null) {
            members.put("detail", new JsonString(denial.reason().title()));
        } else {
            members.put("detail", new JsonString(denial.detail()));
            members.put("task", new JsonString(task));
            if (denial.step() != null) {
                members.put("step", new JsonString(denial.step()));
            }
            members.put("interrupted", new JsonBoolean(interrupted));
        }
        return Jcs.canonicalBytes(new JsonObject(members));
    }
}
