package dev.errand.issuer;

import dev.errand.denial.StartReason;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The parameters of a token exchange that starts a task (RFC 8693 section 2.1). Its other parameters have few allowed
 * values: they are checked and not kept.
 *
 * @param subjectToken the human's JWT, not yet verified
 * @param details the text of {@code authorization_details}, not yet parsed; empty if it is left out
 * @param standing whether the subject token is that of a standing errand
 */
record StartForm(String subjectToken, String details, boolean standing) {
    static final String GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange";
    static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

    /** After the issuer: the type of the token of a standing errand. */
    static final String STANDING = "/token-type/standing";

    private static final Set<String> SUBJECT_TYPES =
            Set.of(ACCESS_TOKEN, "urn:ietf:params:oauth:token-type:id_token", "urn:ietf:params:oauth:token-type:jwt");

    static Outcome<StartForm> parse(FormBody form, String issuer) {
        String grantType = form.get("grant_type");
        if (grantType == null) {
            return Outcome.refused(OauthError.INVALID_REQUEST, "grant_type is missing");
        }
        if (!grantType.equals(GRANT_TYPE)) {
            return Outcome.refused(
                    StartReason.GRANT_TYPE, OauthError.UNSUPPORTED_GRANT_TYPE, "the only grant_type is " + GRANT_TYPE);
        }
        if (form.get("actor_token") != null || form.get("actor_token_type") != null) {
            return Outcome.refused(
                    OauthError.INVALID_REQUEST, "actor_token is not taken: the authenticated client is the actor");
        }
        String subjectToken = form.get("subject_token");
        String subjectType = form.get("subject_token_type");
        boolean standing = (issuer + STANDING).equals(subjectType);
        if (subjectToken == null || subjectType == null || (!standing && !SUBJECT_TYPES.contains(subjectType))) {
            return Outcome.refused(
                    OauthError.INVALID_REQUEST,
                    "subject_token must be the human's JWT, subject_token_type its access_token, id_token or jwt type");
        }
        String requested = form.get("requested_token_type");
        if (requested != null && !requested.equals(ACCESS_TOKEN)) {
            return Outcome.refused(OauthError.INVALID_REQUEST, "the only requested_token_type is " + ACCESS_TOKEN);
        }
        if (form.get("scope") != null) {
            return Outcome.refused(
                    StartReason.SCOPE, OauthError.INVALID_SCOPE, "scope is not taken: ask by authorization_details");
        }
        List<String> targets = Stream.concat(form.all("audience").stream(), form.all("resource").stream())
                .toList();
        if (!targets.stream().allMatch(target -> target.equals(issuer) || target.startsWith(issuer + "/"))) {
            return Outcome.refused(
                    StartReason.TARGET, OauthError.INVALID_TARGET, "tokens of this issuer are for itself only");
        }
        String details = form.get("authorization_details");
        return Outcome.accepted(new StartForm(subjectToken, details == null ? "" : details, standing));
    }
}
