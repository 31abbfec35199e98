package dev.errand.it;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** JWT-SVIDs that do not prove that the caller is the workload which its token names. */
final class WorkloadCases {
    private static final String HEADER = "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"svid-1\"}";
    private static final String AUDIENCE = RunningGateway.ISSUER + "/vault";

    private WorkloadCases() {}

    static List<Case> all(Scene scene) {
        Cases cases = new Cases(scene);
        subjects(scene, cases);
        claims(scene, cases);
        headers(scene, cases);
        return cases.all();
    }

    private static void mismatch(Scene scene, Cases cases, String name, Supplier<String> svid) {
        cases.holder(
                401,
                "identity-mismatch",
                null,
                "an SVID: " + name,
                () -> Attempt.by(scene.root()).with("Workload-SVID", svid.get()));
    }

    private static String claims(String subject) {
        long now = Instant.now().getEpochSecond();
        return "{\"sub\":\"" + subject + "\",\"aud\":\"" + AUDIENCE + "\",\"iat\":" + now + ",\"exp\":" + (now + 300)
                + "}";
    }

    private static void subject(Scene scene, Cases cases, String name, String subject) {
        mismatch(scene, cases, name, () -> scene.workloads().sign(claims(subject)));
    }

    private static void subjects(Scene scene, Cases cases) {
        String bot = TestWorkloads.RELEASE_BOT;
        subject(scene, cases, "another workload", "spiffe://example.org/agent/other-bot");
        subject(scene, cases, "a trust domain that the key is not for", "spiffe://example.net/agent/release-bot");
        subject(scene, cases, "a domain below ours", "spiffe://a.example.org/agent/release-bot");
        subject(scene, cases, "a trailing slash", bot + "/");
        subject(scene, cases, "a percent sign", "spiffe://example.org/agent/release%2Dbot");
        subject(scene, cases, "an encoded slash", "spiffe://example.org/agent%2Frelease-bot");
        subject(scene, cases, "dot segments", "spiffe://example.org/agent/x/../release-bot");
        subject(scene, cases, "an empty segment", "spiffe://example.org//agent/release-bot");
        subject(scene, cases, "a domain in capitals", "spiffe://EXAMPLE.org/agent/release-bot");
        subject(scene, cases, "a scheme in capitals", "SPIFFE://example.org/agent/release-bot");
        subject(scene, cases, "a port", "spiffe://example.org:443/agent/release-bot");
        subject(scene, cases, "a query", bot + "?x=y");
        subject(scene, cases, "no path", "spiffe://example.org");
        subject(scene, cases, "not a SPIFFE ID", "release-bot");
        mismatch(scene, cases, "a stranger's trust domain", () -> {
            TestWorkloads stranger = new TestWorkloads("example.net", TestKey.p256("svid-1"));
            return stranger.sign(claims("spiffe://example.net/agent/release-bot"));
        });
        mismatch(
                scene,
                cases,
                "our trust domain by a stranger's key",
                () -> new TestWorkloads("example.org", TestKey.p256("svid-1")).sign(claims(bot)));
        cases.holder(
                401,
                "identity-mismatch",
                null,
                "an SVID for a token that names no workload",
                () -> Attempt.by(scene.sibling()).with("Workload-SVID", scene.svid()));
    }

    private static void changed(Scene scene, Cases cases, String name, UnaryOperator<String> change) {
        mismatch(scene, cases, name, () -> scene.workloads().sign(change.apply(claims(TestWorkloads.RELEASE_BOT))));
    }

    private static void claims(Scene scene, Cases cases) {
        changed(
                scene,
                cases,
                "another route's audience",
                c -> Edit.set(c, "aud", "\"" + RunningGateway.ISSUER + "/ci\""));
        changed(
                scene,
                cases,
                "the issuer alone as audience",
                c -> Edit.set(c, "aud", "\"" + RunningGateway.ISSUER + "\""));
        changed(
                scene,
                cases,
                "two audiences",
                c -> Edit.set(c, "aud", "[\"" + AUDIENCE + "\",\"https://other.example.org\"]"));
        changed(scene, cases, "no audience", c -> Edit.remove(c, "aud"));
        changed(scene, cases, "expired", c -> Edit.set(c, "exp", "" + (now() - 10)));
        changed(scene, cases, "no exp", c -> Edit.remove(c, "exp"));
        changed(scene, cases, "not yet valid", c -> Edit.set(c, "nbf", "" + (now() + 60)));
        changed(scene, cases, "a longer life than allowed", c -> Edit.set(c, "exp", "" + (now() + 3700)));
        changed(scene, cases, "no subject", c -> Edit.remove(c, "sub"));
        changed(scene, cases, "the subject twice", c -> Edit.duplicate(c, "sub", "\"spiffe://example.org/x\""));
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }

    private static void headers(Scene scene, Cases cases) {
        String bot = TestWorkloads.RELEASE_BOT;
        TestKey key = scene.workloads().key();
        mismatch(scene, cases, "typ at+jwt", () -> key.jws(Edit.set(HEADER, "typ", "\"at+jwt\""), claims(bot)));
        mismatch(scene, cases, "alg none", () -> Jws.input(Edit.set(HEADER, "alg", "\"none\""), claims(bot)) + ".");
        mismatch(scene, cases, "HS256 with the bundle's key", () -> {
            String input = Jws.input(Edit.set(HEADER, "alg", "\"HS256\""), claims(bot));
            return input + "." + Jws.base64(Jws.hmac(input, key.publicJwk("").getBytes(StandardCharsets.UTF_8)));
        });
        mismatch(scene, cases, "an all-zero signature", () -> Jws.resigned(scene.svid(), new byte[64]));
        mismatch(
                scene,
                cases,
                "the kid of another key",
                () -> key.jws(Edit.set(HEADER, "kid", "\"svid-2\""), claims(bot)));
        mismatch(scene, cases, "an unknown crit", () -> key.jws(Edit.set(HEADER, "crit", "[\"x\"]"), claims(bot)));
        mismatch(scene, cases, "the delegation token itself", () -> scene.root().token());
        mismatch(scene, cases, "noise", () -> "noise");
        mismatch(scene, cases, "nothing", () -> "");
    }
}
