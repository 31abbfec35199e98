package dev.errand.denial;

import java.util.Locale;

/**
 * The closed list of reasons for which a start is refused: the {@code reason} of its record, its log line and its metric. The
 * caller of an {@linkplain #isUnverified unverified} start is told the same text for each of them.
 */
public enum StartReason {
    /** The agent's JWT-SVID or X.509-SVID is malformed. */
    SVID(Kind.UNVERIFIED),
    /** The SVID's trust domain is not configured, or the SVID names no workload. */
    SVID_DOMAIN(Kind.UNVERIFIED),
    /** No key of the trust domain signed the SVID. */
    SVID_SIGNATURE(Kind.UNVERIFIED),
    /** The SVID's audience is not the issuer alone. */
    SVID_AUDIENCE(Kind.UNVERIFIED),
    /** The SVID is not valid at this time. */
    SVID_EXPIRED(Kind.UNVERIFIED),
    /** The SVID lives longer than {@code trust.max-lifetime}. */
    SVID_LIFETIME(Kind.UNVERIFIED),
    /** {@code client_id} is not the SVID's SPIFFE ID. */
    CLIENT_ID(Kind.UNVERIFIED),
    /** The DPoP proof does not verify. */
    PROOF(Kind.UNVERIFIED),
    /** The DPoP proof was used before. */
    PROOF_USED(Kind.UNVERIFIED),
    /** The human's token is no compact JWS. */
    TOKEN(Kind.UNVERIFIED),
    /** The algorithm of the human's token is not accepted. */
    ALG(Kind.UNVERIFIED),
    /** No key of the human's issuer has the token's {@code kid} and algorithm. */
    KID(Kind.UNVERIFIED),
    /** The issuer of the human's token is not configured. */
    ISSUER(Kind.UNVERIFIED),
    /** Tokens of this {@code typ} are not about a human. */
    TYP(Kind.UNVERIFIED),
    /** The signature of the human's token does not verify. */
    SIGNATURE(Kind.UNVERIFIED),
    /** The human's token is for another audience. */
    AUDIENCE(Kind.UNVERIFIED),
    /** The human's token has expired. */
    EXPIRED(Kind.UNVERIFIED),
    /** A time of the human's token is missing, no number, or in the future. */
    TIME(Kind.UNVERIFIED),
    /** The claim that names the human is missing, or is not a usable text. */
    SUBJECT(Kind.UNVERIFIED),
    /** The human's token lives longer than {@code max-age}. */
    MAX_AGE(Kind.UNVERIFIED),
    /** The human's token was issued to none of the configured {@code clients}. */
    CLIENTS(Kind.UNVERIFIED),
    /** The token is about a client, not about a human. */
    NO_HUMAN(Kind.UNVERIFIED),
    /** The human's token is bound to another key than that of the proof. */
    CNF(Kind.UNVERIFIED),

    /** The request does not have the form of a start. */
    REQUEST(Kind.FORM),
    /** Another {@code grant_type} than token exchange. */
    GRANT_TYPE(Kind.FORM),
    /** The request has a {@code scope}, which starts do not use. */
    SCOPE(Kind.FORM),
    /** {@code audience} or {@code resource} is that of another server. */
    TARGET(Kind.FORM),
    /** The client does not authenticate, or in an unsupported way. */
    CLIENT(Kind.FORM),
    /** There is not exactly one DPoP proof. */
    NO_PROOF(Kind.FORM),
    /** The proof needs a nonce of this gateway. */
    NONCE(Kind.FORM),
    /** {@code authorization_details} are malformed. */
    DETAILS(Kind.FORM),

    /** No template of this name is loaded, or no template caps the anchor. */
    TEMPLATE(Kind.POLICY),
    /** The template does not admit this agent. */
    AGENT(Kind.POLICY),
    /** The human's token permits another agent to act. */
    MAY_ACT(Kind.POLICY),
    /** The template does not admit this human. */
    GROUP(Kind.POLICY),
    /** A parameter is missing, not declared, or does not match its pattern. */
    PARAMETER(Kind.POLICY),
    /** The human's own token does not consent to this task. */
    CONSENT(Kind.POLICY),
    /** The template requires an instruction. */
    INSTRUCTION(Kind.POLICY),
    /** A requested constraint is malformed, or cannot be compared with the template's. */
    CONSTRAINT(Kind.POLICY),
    /** Nothing that was asked for is granted. */
    NOTHING_GRANTED(Kind.POLICY),
    /** The root token would be longer than a chain may be. */
    SIZE(Kind.POLICY),
    /** The human's token has started another task before. */
    USED(Kind.POLICY),
    /** The human's token has started a task, and the answer to that start can no longer be given. */
    GONE(Kind.POLICY),
    /** The agent starts tasks too often. */
    RATE(Kind.POLICY),
    /** The template's {@code starts} bound is reached. */
    STARTS(Kind.POLICY),
    /** An operator's lock refuses the start. */
    LOCK(Kind.POLICY),
    /** The token of a standing errand is unknown, or is another agent's. */
    STANDING_TOKEN(Kind.UNVERIFIED),
    /** The standing errand has no run left, or no call for one. */
    STANDING_USED(Kind.POLICY),
    /** The time of the standing errand is over. */
    STANDING_EXPIRED(Kind.POLICY),
    /** The standing errand was ended. */
    STANDING_ENDED(Kind.POLICY),
    /** The template no longer permits what the human allowed. */
    STANDING_NARROWED(Kind.POLICY),
    /** As many runs of the standing errand are active as may be at once. */
    STANDING_BUSY(Kind.POLICY),
    /** The runs of the standing errand start more often than was allowed. */
    STANDING_RATE(Kind.POLICY),

    /** The keys of the human's issuer are not available. */
    JWKS(Kind.AWAY),
    /** The trust bundle of the agent's trust domain cannot be fetched. */
    BUNDLE(Kind.AWAY),
    /** The state store does not answer. */
    STATE(Kind.AWAY),
    /** The provenance log cannot be written. */
    LOG(Kind.AWAY),
    /** This replica has no key that signs root tokens. */
    KEY(Kind.AWAY),
    /** As many bodies are awaited as may be at once. */
    BODIES(Kind.AWAY);

    private enum Kind {
        UNVERIFIED,
        FORM,
        POLICY,
        AWAY
    }

    private final Kind kind;
    private final String code;

    StartReason(Kind kind) {
        this.kind = kind;
        this.code = name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The name in records, log lines and metrics, such as {@code svid-expired}. */
    public String code() {
        return code;
    }

    /** Whether the policy refused an agent that was verified. */
    public boolean isByPolicy() {
        return kind == Kind.POLICY;
    }

    /** Whether a credential did not verify. Only the operator, not the caller, may know exactly why. */
    public boolean isUnverified() {
        return kind == Kind.UNVERIFIED;
    }
}
