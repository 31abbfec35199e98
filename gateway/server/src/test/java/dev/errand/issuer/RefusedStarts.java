package dev.errand.issuer;

import static dev.errand.denial.StartReason.AGENT;
import static dev.errand.denial.StartReason.ALG;
import static dev.errand.denial.StartReason.AUDIENCE;
import static dev.errand.denial.StartReason.BUNDLE;
import static dev.errand.denial.StartReason.CLIENT;
import static dev.errand.denial.StartReason.CLIENTS;
import static dev.errand.denial.StartReason.CLIENT_ID;
import static dev.errand.denial.StartReason.CNF;
import static dev.errand.denial.StartReason.CONSENT;
import static dev.errand.denial.StartReason.CONSTRAINT;
import static dev.errand.denial.StartReason.DETAILS;
import static dev.errand.denial.StartReason.EXPIRED;
import static dev.errand.denial.StartReason.GRANT_TYPE;
import static dev.errand.denial.StartReason.GROUP;
import static dev.errand.denial.StartReason.INSTRUCTION;
import static dev.errand.denial.StartReason.ISSUER;
import static dev.errand.denial.StartReason.JWKS;
import static dev.errand.denial.StartReason.KID;
import static dev.errand.denial.StartReason.MAX_AGE;
import static dev.errand.denial.StartReason.MAY_ACT;
import static dev.errand.denial.StartReason.NOTHING_GRANTED;
import static dev.errand.denial.StartReason.NO_HUMAN;
import static dev.errand.denial.StartReason.NO_PROOF;
import static dev.errand.denial.StartReason.PARAMETER;
import static dev.errand.denial.StartReason.PROOF;
import static dev.errand.denial.StartReason.REQUEST;
import static dev.errand.denial.StartReason.SCOPE;
import static dev.errand.denial.StartReason.SIGNATURE;
import static dev.errand.denial.StartReason.SUBJECT;
import static dev.errand.denial.StartReason.SVID;
import static dev.errand.denial.StartReason.SVID_AUDIENCE;
import static dev.errand.denial.StartReason.SVID_DOMAIN;
import static dev.errand.denial.StartReason.SVID_EXPIRED;
import static dev.errand.denial.StartReason.SVID_LIFETIME;
import static dev.errand.denial.StartReason.SVID_SIGNATURE;
import static dev.errand.denial.StartReason.TARGET;
import static dev.errand.denial.StartReason.TEMPLATE;
import static dev.errand.denial.StartReason.TIME;
import static dev.errand.denial.StartReason.TOKEN;
import static dev.errand.denial.StartReason.TYP;

import dev.errand.denial.StartReason;
import dev.errand.issuer.StartRequests.Call;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A start broken in one place for each reason that one request can have. */
final class RefusedStarts {
    private RefusedStarts() {}

    /** One kind of refused start. */
    record Kind(StartReason reason, Consumer<Call> broken) {
        @Override
        public String toString() {
            return reason.code();
        }
    }

    static Stream<Kind> kinds() {
        return Stream.concat(unverified(), others());
    }

    /** Those whose caller is told the same text. */
    static Stream<Kind> unverified() {
        return Stream.concat(workloads(), humans());
    }

    private static Stream<Kind> workloads() {
        return Stream.of(
                new Kind(SVID, c -> c.form.put("client_assertion", "x.y.z")),
                new Kind(SVID_DOMAIN, c -> c.svid.put("sub", "spiffe://example.com/agent/release-bot")),
                new Kind(SVID_SIGNATURE, c -> c.svidKey = IssuerServer.OTHER_KEY),
                new Kind(SVID_AUDIENCE, c -> c.svid.put("aud", List.of("https://other"))),
                new Kind(SVID_EXPIRED, c -> c.svid.put("exp", StartRequests.now() - 60)),
                new Kind(SVID_LIFETIME, c -> c.svid.put("exp", StartRequests.now() + 86_400)),
                new Kind(CLIENT_ID, c -> c.form.put("client_id", "spiffe://example.org/agent/release-other")),
                new Kind(PROOF, c -> c.proof.put("htm", "GET")));
    }

    private static Stream<Kind> humans() {
        return Stream.of(
                new Kind(TOKEN, c -> c.form.put("subject_token", "no token")),
                new Kind(ALG, c -> c.humanHeader = "{\"alg\":\"none\",\"typ\":\"JWT\"}"),
                new Kind(KID, c -> c.humanHeader = "{\"alg\":\"ES256\",\"kid\":\"k9\",\"typ\":\"JWT\"}"),
                new Kind(ISSUER, c -> c.human.put("iss", "https://evil.example")),
                new Kind(TYP, c -> c.humanHeader = "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"logout+jwt\"}"),
                new Kind(SIGNATURE, c -> c.humanKey = IssuerServer.OTHER_KEY),
                new Kind(AUDIENCE, c -> c.human.put("aud", "other")),
                new Kind(EXPIRED, c -> c.human.put("exp", StartRequests.now() - 60)),
                new Kind(TIME, c -> c.human.put("nbf", StartRequests.now() + 600)),
                new Kind(SUBJECT, c -> c.human.put("sub", "")),
                new Kind(MAX_AGE, c -> c.human.put("exp", StartRequests.now() + 10L * 365 * 24 * 3600)),
                new Kind(CLIENTS, c -> {
                    c.human.put("iss", IssuerServer.IDP_OF_CLIENTS);
                    c.human.put("azp", "another-client");
                }),
                new Kind(NO_HUMAN, c -> c.human.put("azp", "user:7f3c")),
                new Kind(CNF, c -> c.human.put("cnf", Map.of("jkt", "A".repeat(43)))));
    }

    private static Stream<Kind> others() {
        return Stream.of(
                new Kind(REQUEST, c -> c.form.put("actor_token", "x")),
                new Kind(REQUEST, c -> c.more = "&grant_type=x"),
                new Kind(GRANT_TYPE, c -> c.form.put("grant_type", "password")),
                new Kind(SCOPE, c -> c.form.put("scope", "all")),
                new Kind(TARGET, c -> c.form.put("audience", "https://other")),
                new Kind(CLIENT, c -> c.form.put("client_secret", "x")),
                new Kind(CLIENT, c -> c.headers.put("Authorization", "Basic YTpi")),
                new Kind(NO_PROOF, c -> c.proofs.add("")),
                new Kind(DETAILS, c -> c.details("[]")),
                new Kind(TEMPLATE, c -> c.details("[{\"type\":\"errand_start\",\"template\":\"nope\"}]")),
                new Kind(AGENT, c -> c.details("[{\"type\":\"errand_start\",\"template\":\"elsewhere\"}]")),
                new Kind(MAY_ACT, c -> c.human.put("may_act", Map.of("sub", "spiffe://example.org/agent/other"))),
                new Kind(GROUP, c -> c.human.remove("groups")),
                new Kind(PARAMETER, c -> c.details("[{\"type\":\"errand_start\",\"template\":\"release\"}]")),
                new Kind(
                        CONSENT,
                        c -> c.details(
                                "[{\"type\":\"errand_start\",\"template\":\"consent\",\"parameters\":{\"service\":\"a\"}}]")),
                new Kind(INSTRUCTION, c -> c.details("[{\"type\":\"errand_start\",\"template\":\"strict\"}]")),
                new Kind(
                        CONSTRAINT,
                        tools(
                                "{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"contains\",\"required\":[\"a\"]}}}")),
                new Kind(NOTHING_GRANTED, tools("{\"vault:kv.write\":{}}")),
                new Kind(JWKS, c -> c.human.put("iss", IssuerServer.IDP_AWAY)),
                new Kind(BUNDLE, c -> c.svid.put("sub", "spiffe://away.example.org/agent/release-bot")));
    }

    private static Consumer<Call> tools(String tools) {
        return c -> c.details(
                "[{\"type\":\"errand_start\",\"template\":\"release\",\"parameters\":{\"service\":\"payments\"}},"
                        + "{\"type\":\"attenuating_agent_token\",\"tools\":" + tools + "}]");
    }
}
