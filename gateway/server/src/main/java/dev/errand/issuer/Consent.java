package dev.errand.issuer;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.task.HumanPolicy;
import dev.errand.template.Template;
import dev.errand.token.ParameterValue;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the human's own token agrees to: a template with its parameters, and the values of pinned arguments. Pure. */
final class Consent {
    private Consent() {}

    /**
     * The entry of the human's token that agrees to the start; null if none does. If several name its template and
     * parameters, the entry with the digest of its tools is taken, else the first.
     */
    static @Nullable StartDetails to(
            StartDetails details,
            Map<String, ParameterValue> parameters,
            Template template,
            List<StartDetails> consents) {
        StartDetails first = null;
        for (StartDetails each : consents) {
            if (each.template().equals(details.template())
                    && template.normal(each.parameters()).equals(parameters)) {
                if (each.digest() != null && each.digest().equals(details.toolsDigest())) {
                    return each;
                }
                first = first == null ? each : first;
            }
        }
        return first;
    }

    /**
     * Whether the human agreed to the values of pinned arguments. If the template demands no consent, the agent that starts
     * the task may choose them.
     *
     * @param agreed the entry that agrees to the start, or null
     */
    static boolean toValues(
            HumanPolicy humans, JsonObject claims, @Nullable StartDetails agreed, StartDetails details) {
        if (!humans.consents()) {
            return true;
        }
        String digest = digest(humans, claims, agreed);
        return digest != null && Objects.equals(digest, details.toolsDigest());
    }

    /** The digest to which the human's token agrees; null if it names none, or the template demands no consent. */
    static @Nullable String digest(HumanPolicy humans, JsonObject claims, @Nullable StartDetails agreed) {
        String claim = humans.consentClaim();
        if (claim != null) {
            return claims.string(claim);
        }
        return humans.consents() && agreed != null ? agreed.digest() : null;
    }
}
