package dev.errand.issuer;

import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Sha256;
import org.jspecify.annotations.Nullable;

/** The digest of all that a human agrees to at the page of the gateway. Pure. */
final class ConsentDigest {
    private ConsentDigest() {}

    /**
     * {@code sha-256:} and the digest of the JCS form (RFC 8785) of what is granted and to whom.
     *
     * @param jkt the thumbprint of the task's key
     * @param standing the runs that were asked for, or null
     */
    static String of(
            Grant grant, String agent, String jkt, @Nullable String purpose, @Nullable StandingAsked standing) {
        JsonObject bounds = grant.bounds().toJson();
        JsonMembers members = new JsonMembers();
        members.put("template", grant.template().name());
        members.put("revision", grant.template().revision());
        members.put("agent", agent);
        members.put("jkt", jkt);
        members.orNull("instruction", grant.instruction() == null ? null : RootToken.instruction(grant.instruction()));
        members.put("parameters", RootToken.parameters(grant));
        members.orNull("tools", grant.capability().toJson().get("tools"));
        members.orNull("calls", bounds.get("calls"));
        members.orNull("children", bounds.get("children"));
        members.orNull("limits", bounds.get("limits"));
        members.put("lifetime", grant.lifetimeSeconds());
        members.orNull("plan", bounds.get("sequence"));
        members.orNull("purpose", purpose);
        members.orNull("standing", standing == null ? null : standing.json());
        return Sha256.labelOf(Jcs.canonicalBytes(members.toJson()));
    }
}
