package dev.errand.issuer;

import dev.errand.denial.StartReason;
import dev.errand.json.JsonMembers;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why an OAuth request is refused (RFC 6749 section 5.2).
 *
 * @param error the error
 * @param description what is wrong and what to do, without anything secret; printable ASCII without quotes
 * @param headers further header fields, such as {@code DPoP-Nonce}
 * @param reason why a start is refused; null if the request is no start, or does not have the form of one
 * @param detail what the log says, with more than the description or instead of it; null for the description itself
 */
public record Refusal(
        OauthError error,
        String description,
        Map<String, String> headers,
        @Nullable StartReason reason,
        @Nullable String detail) {
    public Refusal {
        description = plain(description);
        headers = Map.copyOf(headers);
    }

    public static Refusal of(OauthError error, String description) {
        return new Refusal(error, description, Map.of(), null, null);
    }

    public static Refusal of(StartReason reason, OauthError error, String description) {
        return new Refusal(error, description, Map.of(), reason, null);
    }

    /** The refusal if the dependency could not be reached: nothing was granted, and the request may be repeated. */
    public static Refusal unavailable(Dependency dependency) {
        return new Refusal(
                OauthError.TEMPORARILY_UNAVAILABLE,
                "the gateway cannot reach " + dependency.words() + "; try again",
                Map.of("Retry-After", "1"),
                dependency.reason(),
                null);
    }

    /** The refusal by a replica that has no key to sign root tokens with. It says so to any caller. */
    public static Refusal issuesNothing() {
        return of(
                StartReason.KEY,
                OauthError.TEMPORARILY_UNAVAILABLE,
                "this replica has no key that signs root tokens; ask a replica that has one");
    }

    public Answer answer() {
        JsonMembers body = new JsonMembers();
        body.put("error", error.code());
        body.put("error_description", description);
        return new Answer(error.status(), body.toJson(), headers);
    }

    /** RFC 6749 allows %x20-21 / %x23-5B / %x5D-7E in a description: other characters are replaced, and it is cut to 400. */
    private static String plain(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length() && out.length() < 400; i++) {
            char c = text.charAt(i);
            if (c == '"') {
                out.append('\'');
            } else {
                out.append(c >= 0x20 && c <= 0x7e && c != '\\' ? c : '?');
            }
        }
        return out.toString();
    }
}
