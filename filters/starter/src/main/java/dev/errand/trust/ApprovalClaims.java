package dev.errand.trust;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.util.HashSet;
import java.util.Set;

/** The approvals in a human's token: {@code authorization_details} of the type {@value #TYPE} (RFC 9396). */
public final class ApprovalClaims {
    /** The {@code type} of such an entry. */
    public static final String TYPE = "errand_approval";

    private ApprovalClaims() {}

    /** The digests that these entries name. */
    public static Set<String> digests(JsonObject claims) {
        Set<String> digests = new HashSet<>();
        if (claims.get("authorization_details") instanceof JsonArray details) {
            for (JsonValue detail : details.values()) {
                if (detail instanceof JsonObject entry && TYPE.equals(entry.string("type"))) {
                    String digest = entry.string("digest");
                    if (digest != null) {
                        digests.add(digest);
                    }
                }
            }
        }
        return digests;
    }
}
