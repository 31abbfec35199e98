package dev.errand.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.issuer.StartRequests.Call;
import dev.errand.issuer.StartRequests.Reply;
import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.jose.KeyRing;
import dev.errand.jose.NewKeyFile;
import dev.errand.jose.TestKeys;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.sequence.SequencePolicy;
import dev.errand.state.InMemoryStartStore;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.token.KeyUse;
import dev.errand.token.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class StartTest {
    @TempDir
    Path directory;

    private IssuerServer server;

    @BeforeEach
    void startServer() throws Exception {
        server = IssuerServer.start(directory);
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private Reply ok(Call call) {
        Reply reply = call.send(server);
        assertThat(reply.status()).as(reply.raw().body()).isEqualTo(200);
        return reply;
    }

    private static JsonObject detail(JsonObject body, String type) {
        return ((JsonArray) body.get("authorization_details"))
                .values().stream()
                        .map(JsonObject.class::cast)
                        .filter(each -> type.equals(each.string("type")))
                        .findFirst()
                        .orElseThrow();
    }

    @Test
    void start_goodRequest_getsARootWithEveryClaim() {
        Call call = StartRequests.start();
        Reply reply = ok(call);

        JsonObject claims = StartRequests.claims(reply.token());
        assertThat(reply.body().string("token_type")).isEqualTo("DPoP");
        assertThat(reply.body().string("issued_token_type")).isEqualTo("urn:ietf:params:oauth:token-type:access_token");
        assertThat(reply.body().string("task_id")).matches("t-[A-Za-z0-9_-]{22}");
        assertThat(reply.body().get("expires_in")).isIn(JsonNumber.of(900), JsonNumber.of(899));
        assertThat(reply.body().get("authorization_details")).isEqualTo(claims.get("authorization_details"));
        assertThat(claims.string("iss")).isEqualTo(IssuerServer.ISSUER);
        assertThat(claims.string("aud")).isEqualTo(IssuerServer.ISSUER);
        assertThat(claims.string("sub")).isEqualTo("user:7f3c");
        assertThat(claims.get("sub_id"))
                .isEqualTo(StartRequests.parse(
                        "{\"format\":\"iss_sub\",\"iss\":\"https://idp.example.org\",\"sub\":\"user:7f3c\"}"));
        assertThat(claims.get("act"))
                .isEqualTo(StartRequests.parse(
                        "{\"sub\":\"spiffe://example.org/agent/release-bot\",\"sub_profile\":\"ai_agent\"}"));
        assertThat(claims.string("acr")).isEqualTo("phr");
        assertThat(claims.get("auth_time"))
                .isEqualTo(new JsonNumber(call.human.get("auth_time").toString()));
        assertThat(claims.get("del_depth")).isEqualTo(JsonNumber.of(0));
        assertThat(claims.get("del_max_depth")).isEqualTo(JsonNumber.of(2));
        assertThat(claims.object("cnf").get("jwk")).isEqualTo(call.holder.jwk());
        assertThat(claims.get("instruction")).isNull();
        JsonObject task = claims.object("task");
        assertThat(task.string("id")).isEqualTo(reply.body().string("task_id"));
        assertThat(task.string("template")).isEqualTo("release");
        assertThat(task.string("revision")).matches("sha-256:[A-Za-z0-9_-]{43}");
        assertThat(Jcs.canonical(task.object("parameters"))).isEqualTo("{\"service\":\"payments\"}");
        JsonObject bounds = detail(claims, "errand_task");
        assertThat(bounds.get("calls")).isEqualTo(JsonNumber.of(200));
        assertThat(bounds.get("children")).isEqualTo(JsonNumber.of(8));
        assertThat(Jcs.canonical(bounds.get("limits"))).isEqualTo("[{\"capacity\":40,\"period\":10}]");
        assertThat(bounds.string("sequence")).startsWith("sha-256:");
        assertThat(Jcs.canonical(detail(claims, "attenuating_agent_token").object("tools")))
                .contains("\"root\":\"secret/ci/payments\"");
    }

    @Test
    void start_aSubjectTokenBoundToTheProofsKey_isGood() {
        Call call = StartRequests.start();
        String jkt =
                call.holder.parsed().asHolderKey().orElseThrow().thumbprint().value();
        call.human.put("cnf", Map.of("jkt", jkt));
        ok(call);

        Call other = StartRequests.start();
        other.human.put("cnf", Map.of("jkt", jkt));
        Reply refused = other.send(server);
        assertThat(refused.error()).isEqualTo("invalid_request");
        assertThat(refused.body().string("error_description"))
                .isEqualTo("the client, the proof or the subject_token does not verify");
    }

    @Test
    void start_sameRequestAndKey_getsTheSameTask() {
        Call call = StartRequests.start();
        Reply first = ok(call);
        call.form.put("client_assertion", StartRequests.svid(IssuerServer.SPIRE_KEY, StartRequests.svidClaims()));

        Reply second = ok(call.again());

        assertThat(second.token()).isEqualTo(first.token());
        assertThat(second.body().string("task_id")).isEqualTo(first.body().string("task_id"));
    }

    /** The kept sheet and the request make the same token, on a replica with another template and another first key. */
    @Test
    void start_sameRequest_afterAReload_getsTheSameToken_andNoneOnceItsKeyIsGone() throws Exception {
        KeyRing first = KeyRing.createIfAbsent(directory.resolve("first.jwks"));
        KeyRing second = KeyRing.createIfAbsent(directory.resolve("second.jwks"));
        Path both = directory.resolve("both.jwks");
        Files.writeString(
                both,
                Files.readString(directory.resolve("second.jwks")).replaceFirst("\\]\\s*\\}\\s*$", ",")
                        + Files.readString(directory.resolve("first.jwks"))
                                .replaceFirst("^\\s*\\{\\s*\"keys\"\\s*:\\s*\\[", ""));
        Files.setPosixFilePermissions(both, PosixFilePermissions.fromString("rw-------"));
        InMemoryTaskStore tasks = new InMemoryTaskStore();
        InMemoryStartStore starts = new InMemoryStartStore();
        List<String> changed = StartRequests.TEMPLATES.stream()
                .map(text -> text.replace("calls: 200", "calls: 100").replace("lifetime: 15m", "lifetime: 5m"))
                .toList();
        Call call = StartRequests.start();
        Reply answered;
        try (IssuerServer before = new IssuerServer(first, false, 100, tasks, starts)) {
            answered = call.send(before);
            assertThat(answered.status()).isEqualTo(200);
        }
        try (IssuerServer rotated = new IssuerServer(KeyRing.load(both), false, 100, tasks, starts, changed)) {
            Reply again = call.again().send(rotated);
            assertThat(again.status()).as(again.raw().body()).isEqualTo(200);
            assertThat(again.token()).isEqualTo(answered.token());
            assertThat(again.body().get("authorization_details"))
                    .isEqualTo(answered.body().get("authorization_details"));
            assertThat(again.body().string("task_id")).isEqualTo(answered.body().string("task_id"));
        }
        try (IssuerServer gone = new IssuerServer(second, false, 100, tasks, starts)) {
            Reply refused = call.again().send(gone);
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.error()).isEqualTo("invalid_grant");
        }
    }

    /** What a changed build, or who can write to a store without a code, would make of it. */
    @Test
    void start_sameRequest_whoseTokenCannotBeMadeAgain_getsNone() throws Exception {
        InMemoryStartStore starts = new InMemoryStartStore();
        Call call = StartRequests.start();
        try (IssuerServer server = new IssuerServer(directory, false, 100, new InMemoryTaskStore(), starts)) {
            assertThat(call.send(server).status()).isEqualTo(200);
            String subject = call.form.get("subject_token");
            String signed = subject.substring(0, subject.lastIndexOf('.'));
            byte[] sheet = starts.findStart(Sha256.base64UrlOf(signed))
                    .block()
                    .orElseThrow()
                    .bytes();
            int issuedAt = 1 + 16;
            sheet[issuedAt + 3] ^= 1;
            Reply refused = call.again().send(server);
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.error()).isEqualTo("invalid_grant");
            sheet[issuedAt + 3] ^= 1;
            assertThat(call.again().send(server).status()).isEqualTo(200);
        }
    }

    @Test
    void start_sameSubjectToken_anythingElse_isRefused() {
        Call call = StartRequests.start();
        ok(call);

        Call otherDetails = call.again()
                .details(
                        "[{\"type\":\"errand_start\",\"template\":\"release\",\"parameters\":{\"service\":\"orders\"}}]");
        assertThat(otherDetails.send(server).error()).isEqualTo("invalid_grant");

        Call otherKey = StartRequests.start();
        otherKey.form.put("subject_token", call.form.get("subject_token"));
        assertThat(otherKey.send(server).error()).isEqualTo("invalid_grant");

        Call otherAgent = StartRequests.start();
        otherAgent.holder = call.holder;
        otherAgent.form.put("subject_token", call.form.get("subject_token"));
        otherAgent.svid.put("sub", "spiffe://example.org/agent/release-two");
        assertThat(otherAgent.send(server).error()).isEqualTo("invalid_grant");
    }

    @Test
    void start_refused_doesNotUseTheSubjectTokenUp() {
        Call call = StartRequests.start();
        call.details("[{\"type\":\"errand_start\",\"template\":\"nope\"}]");
        assertThat(call.send(server).error()).isEqualTo("invalid_authorization_details");

        call.details("[{\"type\":\"errand_start\",\"template\":\"release\",\"parameters\":{\"service\":\"orders\"}}]");
        ok(call.again());
    }

    @Test
    void start_concurrentlyWithOneSubjectToken_startsOneTask() {
        Call first = StartRequests.start();
        String subject = first.humanKey.jws(first.humanHeader, StartRequests.json(first.human));
        List<Reply> replies = java.util.stream.IntStream.range(0, 8)
                .parallel()
                .mapToObj(i -> {
                    Call call = StartRequests.start();
                    call.form.put("subject_token", subject);
                    return call.send(server);
                })
                .toList();

        assertThat(replies.stream().filter(reply -> reply.status() == 200)).hasSize(1);
        assertThat(replies.stream().filter(reply -> "invalid_grant".equals(reply.error())))
                .hasSize(7);
    }

    @Test
    void start_replayedProof_isRefused_butACachedSvidMayComeAgain() {
        Call call = StartRequests.start();
        ok(call);

        Reply replay = call.send(server);

        assertThat(replay.status()).isEqualTo(400);
        assertThat(replay.error()).isEqualTo("invalid_dpop_proof");
    }

    @Test
    void start_narrowedRequest_isGrantedTheNarrower() {
        Call call = StartRequests.start();
        call.details("[{\"type\":\"errand_start\",\"template\":\"release\",\"parameters\":{\"service\":\"payments\"},"
                + "\"calls\":5,\"children\":100,\"limits\":[{\"capacity\":2,\"period\":60}],\"lifetime\":60},"
                + "{\"type\":\"attenuating_agent_token\",\"tools\":{\"vault:kv.read\":{\"resource\":"
                + "{\"constraint_type\":\"exact\",\"value\":\"secret/ci/payments/db\"}},\"other:tool\":{},"
                + "\"ci:pipeline.get\":{\"n\":{\"constraint_type\":\"wildcard\"}}}}]");

        Reply reply = ok(call);

        JsonObject bounds = detail(reply.body(), "errand_task");
        assertThat(bounds.get("calls")).isEqualTo(JsonNumber.of(5));
        assertThat(bounds.get("children")).isEqualTo(JsonNumber.of(8));
        assertThat(Jcs.canonical(bounds.get("limits")))
                .isEqualTo("[{\"capacity\":40,\"period\":10},{\"capacity\":2,\"period\":60}]");
        assertThat(reply.body().get("expires_in")).isIn(JsonNumber.of(60), JsonNumber.of(59));
        assertThat(detail(reply.body(), "attenuating_agent_token").get("tools"))
                .isEqualTo(
                        StartRequests.parse(
                                "{\"ci:pipeline.get\":{\"n\":{\"constraint_type\":\"range\",\"min\":1,\"max\":10}},"
                                        + "\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"exact\",\"value\":\"secret/ci/payments/db\"}}}"));
    }

    @Test
    void start_consent_boundsWhatIsGranted() {
        Call call = StartRequests.start();
        call.details(
                "[{\"type\":\"errand_start\",\"template\":\"consent\",\"parameters\":{\"service\":\"a\"},\"calls\":50}]");
        call.human.put(
                "authorization_details",
                List.of(Map.of(
                        "type",
                        "errand_start",
                        "template",
                        "consent",
                        "parameters",
                        Map.of("service", "a"),
                        "calls",
                        7)));

        assertThat(detail(ok(call).body(), "errand_task").get("calls")).isEqualTo(JsonNumber.of(7));
    }

    @Test
    void start_mayActForTheAgent_passes() {
        Call call = StartRequests.start();
        call.human.put("may_act", Map.of("sub", IssuerServer.AGENT));

        ok(call);
    }

    @Test
    void start_instruction_isTrustedOnlyWhereHumanOrTemplateSaysSo() {
        String digest = "sha-256:" + "A".repeat(43);
        String said = ",\"instruction\":{\"source\":\"human\",\"ref\":\"https://t/1\",\"digest\":\"" + digest
                + "\",\"integrity\":\"trusted\"}";
        assertThat(integrity(
                        "{\"type\":\"errand_start\",\"template\":\"release\",\"parameters\":{\"service\":\"a\"}" + said
                                + "}",
                        null))
                .isEqualTo("untrusted");
        assertThat(integrity(
                        "{\"type\":\"errand_start\",\"template\":\"release\",\"parameters\":{\"service\":\"a\"}" + said
                                + "}",
                        Map.of("digest", digest)))
                .isEqualTo("trusted");
        assertThat(integrity(
                        "{\"type\":\"errand_start\",\"template\":\"release\",\"parameters\":{\"service\":\"a\"}" + said
                                + "}",
                        Map.of("digest", "sha-256:" + "B".repeat(43))))
                .isEqualTo("untrusted");
        assertThat(integrity(
                        "{\"type\":\"errand_start\",\"template\":\"seldom\",\"instruction\":{\"source\":\"tool\"}}",
                        null))
                .isEqualTo("trusted");
    }

    private String integrity(String entry, Map<String, String> instructionOfHuman) {
        Call call = StartRequests.start();
        call.details("[" + entry + "]");
        if (instructionOfHuman != null) {
            call.human.put("instruction", instructionOfHuman);
        }
        return StartRequests.claims(ok(call).token()).object("instruction").string("integrity");
    }

    @Test
    void start_moreThanActive_waitsForAnEnd() {
        String details = "[{\"type\":\"errand_start\",\"template\":\"strict\",\"instruction\":"
                + "{\"source\":\"document\",\"ref\":\"https://t/1\"}}]";
        Call first = StartRequests.start().details(details);
        String token = ok(first).token();

        Reply second = StartRequests.start().details(details).send(server);
        assertThat(second.status()).isEqualTo(429);
        assertThat(second.error()).isEqualTo("temporarily_unavailable");

        Call other = StartRequests.start().details(details);
        other.human.put("sub", "user:other");
        ok(other);

        assertThat(StartRequests.about("/oauth2/revoke", token, first.holder)
                        .send(server)
                        .status())
                .isEqualTo(200);
        ok(StartRequests.start().details(details));
    }

    private static final TaskPolicy ANY_POLICY = new TaskPolicy(
            "",
            "",
            java.util.List.of(),
            java.util.Map.of(),
            null,
            SequencePolicy.ANY_ORDER,
            TaskPolicy.Reactions.NEVER_INTERRUPT,
            TaskPolicy.Cut.TASK,
            TaskPolicy.Flow.OFF,
            false);

    @Test
    void start_anInterruptedTask_countsAsActiveNoMore() {
        String details = "[{\"type\":\"errand_start\",\"template\":\"strict\",\"instruction\":"
                + "{\"source\":\"document\",\"ref\":\"https://t/2\"}}]";
        Call first = StartRequests.start().details(details);
        first.human.put("sub", "user:interrupted");
        String task = StartRequests.claims(ok(first).token()).object("task").string("id");

        Call refused = StartRequests.start().details(details);
        refused.human.put("sub", "user:interrupted");
        assertThat(refused.send(server).status()).isEqualTo(429);

        server.tasks
                .apply(new TaskKey(task), ANY_POLICY, new TaskStep.Interrupt("the operator said so"))
                .block();
        Call again = StartRequests.start().details(details);
        again.human.put("sub", "user:interrupted");
        ok(again);
    }

    @Test
    void start_oftenerThanTheTemplateAllows_isToldWhenToComeBack() {
        String details = "[{\"type\":\"errand_start\",\"template\":\"seldom\"}]";
        ok(StartRequests.start().details(details));

        Reply second = StartRequests.start().details(details).send(server);

        assertThat(second.status()).isEqualTo(429);
        assertThat(second.raw().headers().firstValueAsLong("Retry-After").orElse(0))
                .isBetween(1L, 3600L);
    }

    @Test
    void start_oftenerThanAClientMay_isRefused() throws Exception {
        try (IssuerServer slow =
                new IssuerServer(directory, false, 1, new InMemoryTaskStore(), new InMemoryStartStore())) {
            assertThat(StartRequests.start().send(slow).status()).isEqualTo(200);
            Reply second = StartRequests.start().send(slow);
            assertThat(second.status()).isEqualTo(429);
            assertThat(second.raw().headers().firstValue("Retry-After")).contains("1");
            Call other = StartRequests.start();
            other.svid.put("sub", "spiffe://example.org/agent/release-two");
            assertThat(other.send(slow).status()).isEqualTo(200);
        }
    }

    @Test
    void start_withNonces_isAskedForOne() throws Exception {
        try (IssuerServer strict =
                new IssuerServer(directory, true, 100, new InMemoryTaskStore(), new InMemoryStartStore())) {
            Call call = StartRequests.start();
            Reply asked = call.send(strict);
            assertThat(asked.status()).isEqualTo(400);
            assertThat(asked.error()).isEqualTo("use_dpop_nonce");
            call.proof.put(
                    "nonce", asked.raw().headers().firstValue("DPoP-Nonce").orElseThrow());
            assertThat(call.again().send(strict).status()).isEqualTo(200);
        }
    }

    @Test
    void start_withoutStore_isRefusedAndUsesNothingUp() throws Exception {
        TaskStore down = new TaskStore() {
            @Override
            public Mono<TaskOutcome> apply(TaskKey key, TaskPolicy policy, TaskStep step) {
                return Mono.error(new StoreUnavailableException("down"));
            }

            @Override
            public Flux<TaskKey> endings() {
                return Flux.never();
            }

            @Override
            public boolean isAvailable() {
                return false;
            }
        };
        InMemoryStartStore starts = new InMemoryStartStore();
        Call call = StartRequests.start();
        try (IssuerServer broken = new IssuerServer(directory, false, 100, down, starts)) {
            Reply reply = call.send(broken);
            assertThat(reply.status()).isEqualTo(503);
            assertThat(reply.error()).isEqualTo("temporarily_unavailable");
        }
        try (IssuerServer mended = new IssuerServer(directory, false, 100, new InMemoryTaskStore(), starts)) {
            assertThat(call.again().send(mended).status()).isEqualTo(200);
        }
    }

    @Test
    void start_withoutAKeyOfUseIssue_isUnavailableAndNothingIsAsked() throws Exception {
        Path file = directory.resolve("edge.jwks");
        NewKeyFile.of(EnumSet.of(KeyUse.TXN, KeyUse.MESSAGE, KeyUse.LOG), KeyAlgorithm.ED25519)
                .write(file);
        InMemoryStartStore starts = new InMemoryStartStore();
        Call call = StartRequests.start();
        try (IssuerServer edge = new IssuerServer(KeyRing.load(file), false, 100, new InMemoryTaskStore(), starts)) {
            Reply reply = call.send(edge);
            assertThat(reply.status()).isEqualTo(503);
            assertThat(reply.error()).isEqualTo("temporarily_unavailable");
            assertThat(reply.raw().headers().firstValue("Retry-After")).isEmpty();
            assertThat(reply.raw().body()).contains("ask a replica that has one");
        }
        try (IssuerServer issuer = new IssuerServer(directory, false, 100, new InMemoryTaskStore(), starts)) {
            assertThat(call.again().send(issuer).status()).isEqualTo(200);
        }
    }

    @Test
    void start_es256Holder_isBoundToIt() {
        Call call = StartRequests.start();
        call.holder = TestKeys.of(JwsAlgorithm.ES256);

        JsonValue jwk = StartRequests.claims(ok(call).token()).object("cnf").get("jwk");

        assertThat(jwk).isEqualTo(call.holder.jwk());
    }
}
