package dev.errand.it;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A call that is well-formed until one thing in it is changed, sent byte by byte.
 *
 * @param lines the field lines that it carries
 */
record Attempt(String method, String target, List<String> lines) {
    static final String GET = "GET";

    /** The well-formed read of that holder. */
    static Attempt by(TestAgent agent) {
        return by(agent, dpop(agent, UnaryOperator.identity()));
    }

    /** The read of that holder with that proof. */
    static Attempt by(TestAgent agent, @Nullable String proof) {
        List<String> lines = new ArrayList<>(List.of("Authorization: DPoP " + agent.token()));
        if (!agent.ancestors().isEmpty()) {
            lines.add("Delegation-Chain: " + String.join(", ", agent.ancestors()));
        }
        if (proof != null) {
            lines.add("DPoP: " + proof);
        }
        return new Attempt(GET, TestAgent.READ, lines);
    }

    /** The read of that holder proven by an AAT-PoP with changed claims. */
    static Attempt aat(TestAgent agent, UnaryOperator<String> claims) {
        return aat(agent, pop(agent, agent.key(), popHeader(agent.key()), claims));
    }

    static Attempt aat(TestAgent agent, String pop) {
        Attempt attempt = by(agent, null).without("Authorization").plus("Authorization: AAT " + agent.token());
        return attempt.plus("AAT-PoP: " + pop);
    }

    Attempt plus(String line) {
        List<String> more = new ArrayList<>(lines);
        more.add(line);
        return new Attempt(method, target, more);
    }

    Attempt without(String name) {
        return new Attempt(
                method,
                target,
                lines.stream().filter(line -> !line.startsWith(name + ":")).toList());
    }

    Attempt with(String name, String value) {
        return without(name).plus(name + ": " + value);
    }

    Attempt to(String otherMethod, String otherTarget) {
        return new Attempt(otherMethod, otherTarget, lines);
    }

    RawHttp.Response send(RunningGateway gateway) {
        return RawHttp.send(gateway.port(), method, target, lines);
    }

    /** A DPoP proof of the read by that holder, with changed claims. */
    static String dpop(TestAgent agent, UnaryOperator<String> claims) {
        return agent.key().jws(dpopHeader(agent.key()), claims.apply(dpopClaims(agent)));
    }

    static String dpopHeader(TestKey key) {
        return "{\"typ\":\"dpop+jwt\",\"alg\":\"" + key.agent().algorithm() + "\",\"jwk\":" + key.publicJwk("") + "}";
    }

    static String dpopClaims(TestAgent agent) {
        return "{\"jti\":\"" + UUID.randomUUID() + "\",\"iat\":" + Instant.now().getEpochSecond()
                + ",\"htm\":\"GET\",\"htu\":\"" + RunningGateway.ISSUER + TestAgent.READ + "\",\"ath\":\""
                + Jws.sha256(agent.token()) + "\"}";
    }

    static String popHeader(TestKey key) {
        return "{\"typ\":\"aat-pop+jwt\",\"alg\":\"" + key.agent().algorithm() + "\"}";
    }

    static String pop(TestAgent agent, TestKey signer, String header, UnaryOperator<String> claims) {
        String plain = "{\"jti\":\"" + UUID.randomUUID() + "\",\"iat\":"
                + Instant.now().getEpochSecond() + ",\"aat_id\":\""
                + Jws.claims(agent.token()).string("jti") + "\",\"aat_hash\":\""
                + Jws.sha256(Jws.signingInput(agent.token()))
                + "\",\"aat_tool\":\"vault:kv.read\",\"hta\":{\"resource\":\"secret/docs/payments/a\"}}";
        return signer.jws(header, claims.apply(plain));
    }
}
