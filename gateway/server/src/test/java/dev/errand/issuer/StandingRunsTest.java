package dev.errand.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.issuer.StartRequests.Call;
import dev.errand.issuer.StartRequests.Reply;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.ProvenanceRecord.Standing;
import dev.errand.template.Template;
import dev.errand.token.Sha256;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Standing errands: one consent, many bounded runs. */
class StandingRunsTest extends StandingAsks {
    @Test
    void runs_areOfTheHumanWhoAllowed_andTheConsent() {
        Reply got = allowed(RUNS);
        assertThat(got.status()).as(got.raw().body()).isEqualTo(200);
        JsonObject standing = got.body().object("standing");
        assertThat(standing.members()).containsOnlyKeys("id", "token");
        assertThat(standing.string("id")).matches("se-[A-Za-z0-9_-]{22}");
        end(got, 40);

        Reply second = sent(token(got));
        assertThat(second.status()).as(second.raw().body()).isEqualTo(200);
        assertThat(second.body().members()).doesNotContainKey("standing");
        JsonObject first = StartRequests.claims(got.token());
        JsonObject root = StartRequests.claims(second.token());
        assertThat(root.object("sub_id")).isEqualTo(first.object("sub_id"));
        assertThat(root.get("auth_time")).isEqualTo(first.get("auth_time"));
        assertThat(root.object("consent")).isEqualTo(first.object("consent"));
        assertThat(root.object("task").object("parameters"))
                .isEqualTo(first.object("task").object("parameters"));
        assertThat(first.object("standing"))
                .isEqualTo(StartRequests.parse("{\"id\":\"" + standing.string("id") + "\",\"run\":1}"));
        assertThat(root.object("standing"))
                .isEqualTo(StartRequests.parse("{\"id\":\"" + standing.string("id") + "\",\"run\":2}"));
        assertThat(number(bounds(root), "calls")).isEqualTo(100);
        assertThat(errand(got).callsLeft()).isEqualTo(250 - 40 - 100);
        assertThat(digest(first)).isEqualTo(first.object("consent").string("digest"));

        assertThat(records()).extracting(Standing::what).containsExactly("allowed", "run", "run");
        assertThat(records().get(2).run()).isEqualTo(2);
        assertThat(records().get(2).task()).isEqualTo(second.body().string("task_id"));
        assertThat(records()).allMatch(record -> record.human().equals(HUMAN));
        List<ProvenanceRecord.Start> starts = server.records.stream()
                .filter(ProvenanceRecord.Start.class::isInstance)
                .map(ProvenanceRecord.Start.class::cast)
                .toList();
        assertThat(starts.get(1).facts().standing()).isEqualTo(root.object("standing"));
        assertThat(starts.get(1).facts().consent()).isEqualTo(root.object("consent"));
        assertThat(server.records.stream()
                        .filter(ProvenanceRecord.StartRequest.class::isInstance)
                        .map(record -> ((ProvenanceRecord.StartRequest) record).standing()))
                .containsOnly(true);
        assertThat(server.meters
                        .get("errand.standing.runs")
                        .tags("template", "nightly", "outcome", "granted", "reason", "")
                        .counter()
                        .count())
                .isEqualTo(2);
    }

    /** The digest as an auditor computes it from the root and the request. */
    private String digest(JsonObject root) {
        JsonObject tools = (JsonObject)
                ((JsonArray) root.get("authorization_details")).values().get(0);
        String members = "{\"template\":\"nightly\",\"revision\":\""
                + root.object("task").string("revision") + "\",\"agent\":\"" + IssuerServer.AGENT + "\",\"jkt\":\""
                + IssuerServer.thumbprint(holder).value() + "\",\"instruction\":null,\"parameters\":"
                + Jcs.canonical(root.object("task").object("parameters")) + ",\"tools\":"
                + Jcs.canonical(tools.object("tools")) + ",\"calls\":100,\"children\":null,\"limits\":null,"
                + "\"lifetime\":900,\"plan\":\"" + bounds(root).string("sequence") + "\",\"purpose\":null,\"standing\":"
                + RUNS + "}";
        return Sha256.labelOf(Jcs.canonicalBytes(StartRequests.parse(members)));
    }

    @Test
    void sameRequest_getsTheSameTask_andIsNoRun() {
        Reply got = allowed(RUNS);
        end(got, 0);
        Call call = run(token(got));
        Reply first = call.send(server);
        Reply again = call.again().send(server);
        assertThat(again.token()).isEqualTo(first.token());
        end(first, 1);
        assertThat(call.again().send(server).token()).isEqualTo(first.token());
        assertThat(errand(got).used()).isEqualTo(2);
        assertThat(records()).filteredOn(record -> record.what().equals("run")).hasSize(2);
    }

    @Test
    void bounds_refuseWithTheReasonAlone() {
        Reply got = allowed("{\"runs\":3,\"until\":\"" + UNTIL + "\",\"calls\":250,"
                + "\"limit\":{\"capacity\":1,\"period\":3600}}");
        Reply busy = sent(token(got));
        assertRefused(busy, "standing-busy");
        assertThat(busy.raw().headers().firstValueAsLong("Retry-After").orElse(0))
                .isBetween(1L, 901L);
        end(got, 100);
        Reply soon = sent(token(got));
        assertRefused(soon, "standing-rate");
        assertThat(soon.raw().headers().firstValueAsLong("Retry-After").orElse(0))
                .isBetween(3_000L, 3_601L);
        server.later = Duration.ofHours(1);
        Reply second = sent(token(got));
        assertThat(number(bounds(StartRequests.claims(second.token())), "calls"))
                .isEqualTo(100);
        end(second, 100);
        server.later = Duration.ofHours(2);
        Reply third = sent(token(got));
        assertThat(number(bounds(StartRequests.claims(third.token())), "calls")).isEqualTo(50);
        end(third, 7);
        server.later = Duration.ofHours(3);
        assertRefused(sent(token(got)), "standing-used");
        server.later = Duration.ofDays(31);
        assertRefused(sent(token(got)), "standing-expired");
        server.errands
                .change(errand(got).id(), (errand, now) -> errand.ended("operator:a"))
                .block();
        assertRefused(sent(token(got)), "standing-ended");
        assertThat(records())
                .filteredOn(record -> record.what().equals("refused"))
                .extracting(Standing::reason)
                .containsExactly(
                        "standing-busy", "standing-rate", "standing-used", "standing-expired", "standing-ended");
        assertThat(server.meters
                        .get("errand.standing.runs")
                        .tags("outcome", "refused", "reason", "standing-used")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void callsOfAllRuns_areBounded_andARunOfWhichNothingIsKnownUsedThemAll() {
        Reply got = allowed("{\"runs\":30,\"until\":\"" + UNTIL + "\",\"calls\":120}");
        server.glances = task -> Optional.empty();
        Reply second = sent(token(got));
        assertThat(number(bounds(StartRequests.claims(second.token())), "calls"))
                .isEqualTo(20);
        assertRefused(sent(token(got)), "standing-used");
    }

    @Test
    void changedTemplate_thatPermitsLess_endsFurtherRuns() {
        Reply got = allowed(RUNS);
        end(got, 0);
        String text = StartRequests.TEMPLATES.get(1);
        Template wider = template(text.replace("max: 10", "max: 20").replace("calls: 100", "calls: 60"));
        server.templates.put("nightly", wider);
        Reply second = sent(token(got));
        assertThat(second.status()).as(second.raw().body()).isEqualTo(200);
        JsonObject root = StartRequests.claims(second.token());
        assertThat(((JsonArray) root.get("authorization_details")).values().get(0))
                .isEqualTo(((JsonArray) StartRequests.claims(got.token()).get("authorization_details"))
                        .values()
                        .get(0));
        assertThat(number(bounds(root), "calls")).isEqualTo(60);
        assertThat(root.object("task").string("revision")).isEqualTo(wider.revision());
        end(second, 0);
        for (String narrower : List.of(
                text.replace("max: 10", "max: 9"),
                text.replace("runs: 60", "runs: 29"),
                text.replace("within: 31d", "within: 29d"),
                text.replace("standing: {runs: 60, within: 31d}", ""),
                text.replace("[release-managers]", "[others]"),
                text.replace("agent/release-*", "agent/other-*"))) {
            server.templates.put("nightly", template(narrower));
            assertRefused(sent(token(got)), "standing-narrowed");
        }
        server.templates.remove("nightly");
        assertRefused(sent(token(got)), "standing-narrowed");
    }

    @Test
    void run_mayNarrow_andNeverWiden() {
        Reply got = allowed(RUNS);
        end(got, 0);
        String narrow = "[{\"type\":\"errand_start\",\"template\":\"nightly\",\"calls\":5,\"lifetime\":60},"
                + "{\"type\":\"attenuating_agent_token\",\"tools\":{\"vault:kv.read\":{\"resource\":"
                + "{\"constraint_type\":\"path_containment\",\"root\":\"secret/ci/payments/a\"}}}}]";
        Reply second = run(token(got)).details(narrow).send(server);
        assertThat(second.status()).as(second.raw().body()).isEqualTo(200);
        JsonObject root = StartRequests.claims(second.token());
        assertThat(Jcs.canonical(root.get("authorization_details")))
                .contains("secret/ci/payments/a")
                .doesNotContain("ci:pipeline.get")
                .contains("\"calls\":5");
        assertThat(number(root, "exp") - number(root, "iat")).isEqualTo(60);
        end(second, 0);
        Reply wide = run(token(got))
                .details(narrow.replace("secret/ci/payments/a", "secret").replace("\"calls\":5", "\"calls\":5000"))
                .send(server);
        assertThat(Jcs.canonical(StartRequests.claims(wide.token()).get("authorization_details")))
                .contains("\"root\":\"secret/ci/payments\"")
                .contains("\"calls\":100");
        end(wide, 0);
        for (String other : List.of(
                "\"parameters\":{\"service\":\"other\"}",
                "\"purpose\":\"x\"",
                "\"standing\":" + RUNS,
                "\"instruction\":{\"source\":\"agent\",\"ref\":\"x\"}")) {
            Reply refused = run(token(got))
                    .details("[{\"type\":\"errand_start\",\"template\":\"nightly\"," + other + "}]")
                    .send(server);
            assertThat(refused.error()).as(other).isEqualTo("invalid_authorization_details");
        }
        assertThat(run(token(got))
                        .details("[{\"type\":\"errand_start\",\"template\":\"release\"}]")
                        .send(server)
                        .error())
                .isEqualTo("invalid_authorization_details");
        assertThat(errand(got).used()).isEqualTo(3);
    }

    @Test
    void strangers_areToldNothing() {
        Reply got = allowed(RUNS);
        end(got, 0);
        Call other = run(token(got));
        other.svid.put("sub", "spiffe://example.org/agent/release-other");
        String flipped = (token(got).startsWith("A") ? "B" : "A") + token(got).substring(1);
        for (Reply reply : List.of(other.send(server), sent(flipped), sent("x"), sent("a".repeat(5_000)))) {
            assertRefused(reply, StartAttempt.UNVERIFIED);
        }
        Call alone = run(token(got));
        alone.form.put("client_assertion", "");
        assertThat(alone.send(server).error()).isEqualTo("invalid_client");
        Call asHuman = run(token(got));
        asHuman.form.put("subject_token_type", StartForm.ACCESS_TOKEN);
        assertThat(asHuman.details(details(RUNS)).send(server).error()).isEqualTo("invalid_request");
        Call proofless = run(token(got));
        Reply once = proofless.send(server);
        assertThat(once.status()).isEqualTo(200);
        end(once, 0);
        // The same proof again.
        assertThat(proofless.send(server).error()).isEqualTo("invalid_dpop_proof");
        assertThat(errand(got).used()).isEqualTo(2);
    }

    @Test
    void humansToken_neverStartsMany() {
        Reply reply = StartRequests.start().details(details(RUNS)).send(server);
        assertThat(reply.error()).isEqualTo("invalid_authorization_details");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "{}",
                "{\"runs\":30,\"until\":\"2099-01-01T00:00:00Z\"}",
                "{\"runs\":0,\"until\":\"UNTIL\",\"calls\":1}",
                "{\"runs\":1.5,\"until\":\"UNTIL\",\"calls\":1}",
                "{\"runs\":10001,\"until\":\"UNTIL\",\"calls\":1}",
                "{\"runs\":61,\"until\":\"UNTIL\",\"calls\":1}",
                "{\"runs\":30,\"until\":\"2020-01-01T00:00:00Z\",\"calls\":1}",
                "{\"runs\":30,\"until\":\"2099-01-01T00:00:00Z\",\"calls\":1}",
                "{\"runs\":30,\"until\":\"tomorrow\",\"calls\":1}",
                "{\"runs\":30,\"until\":1767139200,\"calls\":1}",
                "{\"runs\":30,\"until\":\"UNTIL\",\"calls\":0}",
                "{\"runs\":30,\"until\":\"UNTIL\",\"calls\":9007199254740992}",
                "{\"runs\":30,\"until\":\"UNTIL\",\"calls\":1,\"limit\":{\"capacity\":0,\"period\":1}}",
                "{\"runs\":30,\"until\":\"UNTIL\",\"calls\":1,\"limit\":{\"capacity\":1,\"period\":31622401}}",
                "{\"runs\":30,\"until\":\"UNTIL\",\"calls\":1,\"limit\":{\"capacity\":1}}",
                "{\"runs\":30,\"until\":\"UNTIL\",\"calls\":1,\"more\":1}"
            })
    void illFormedOrTooMuch_isRefusedBeforeAHumanSeesIt(String runs) {
        Reply reply = ask(details(runs.replace("UNTIL", UNTIL)));
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.error()).isEqualTo("invalid_authorization_details");
    }

    @Test
    void templateWithoutStanding_hasNone() {
        Reply reply = ask(details(RUNS).replace("nightly", "release"));
        assertThat(reply.error()).isEqualTo("invalid_authorization_details");
        assertThat(reply.body().string("error_description")).contains("the template has no standing");
    }

    @Test
    void manyAtOnce_startNoMoreThanWasAllowed() {
        server.templates.put(
                "nightly", template(StartRequests.TEMPLATES.get(1).replace("within: 31d", "within: 31d, at-once: 4")));
        Reply got = allowed("{\"runs\":10,\"until\":\"" + UNTIL + "\",\"calls\":250}");
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<CompletableFuture<Reply>> runs = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            runs.add(CompletableFuture.supplyAsync(() -> sent(token(got)), threads));
        }
        List<Reply> granted = runs.stream()
                .map(CompletableFuture::join)
                .filter(reply -> reply.status() == 200)
                .toList();
        threads.shutdown();
        // The first run has 100 calls, so that two more use up the rest.
        assertThat(granted).hasSize(2);
        assertThat(granted.stream()
                        .mapToLong(reply -> number(bounds(StartRequests.claims(reply.token())), "calls"))
                        .sum())
                .isEqualTo(150);
        assertThat(errand(got).used()).isEqualTo(3);
        assertThat(errand(got).callsLeft()).isZero();
    }

    @Test
    void logThatTakesNothing_leavesNoRun() {
        Reply got = allowed(RUNS);
        end(got, 0);
        server.full = true;
        assertThat(sent(token(got)).status()).isEqualTo(503);
        server.full = false;
        assertThat(errand(got).used()).isEqualTo(1);
        assertThat(errand(got).callsLeft()).isEqualTo(250);
        assertThat(sent(token(got)).status()).isEqualTo(200);
    }

    private Call revoke(String token) {
        Call call = new Call(RevokeService.PATH);
        call.form.put("token", token);
        call.form.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe");
        call.form.put("client_assertion", StartRequests.svid(IssuerServer.SPIRE_KEY, StartRequests.svidClaims()));
        call.proof.put("ath", Sha256.base64UrlOf(token));
        return call;
    }

    @Test
    void agent_endsItsErrandWithTheRun_andNobodyElseDoes() {
        Reply got = allowed(RUNS);
        Call other = revoke(token(got));
        Map<String, Object> svid = StartRequests.svidClaims();
        svid.put("sub", "spiffe://example.org/agent/release-other");
        other.form.put("client_assertion", StartRequests.svid(IssuerServer.SPIRE_KEY, svid));
        assertThat(other.send(server).status()).isEqualTo(200);
        Call nobody = revoke(token(got));
        nobody.form.remove("client_assertion");
        assertThat(nobody.send(server).error()).isEqualTo("invalid_client");
        assertThat(errand(got).endedBy()).isNull();

        Call call = revoke(token(got));
        assertThat(call.send(server).status()).isEqualTo(200);
        assertRefused(sent(token(got)), "standing-ended");
        assertThat(call.again().send(server).status()).isEqualTo(200);
        assertThat(records())
                .filteredOn(record -> record.what().equals("ended"))
                .extracting(record -> record.by().wire())
                .containsExactly("holder");
        assertThat(server.records.stream()
                        .filter(ProvenanceRecord.Ended.class::isInstance)
                        .map(record -> ((ProvenanceRecord.Ended) record).task()))
                .containsExactly(got.body().string("task_id"));
    }

    @Test
    void upkeep_settlesRuns_countsErrands_andRecordsThatTheTimeIsOver() {
        Reply got = allowed(RUNS);
        allowed("{\"runs\":1,\"until\":\"" + UNTIL + "\",\"calls\":5}");
        end(got, 30);
        server.upkeep.look().block();
        assertThat(errand(got).callsLeft()).isEqualTo(220);
        assertThat(counted("active")).isEqualTo(1);
        assertThat(counted("used")).isEqualTo(1);
        server.later = Duration.ofDays(31);
        server.upkeep.look().block();
        server.upkeep.look().block();
        assertThat(counted("expired")).isEqualTo(2);
        assertThat(records())
                .filteredOn(record -> record.what().equals("expired"))
                .hasSize(2);
        assertThat(ofSubject(HUMAN.subject())).isEqualTo(2);
        assertThat(ofSubject(HUMAN.issuer())).isZero();
        assertThat(server.ends
                        .endAll(new StandingEnds.Selection(HUMAN, null, null), dev.errand.log.EndedBy.PROVIDER, "left")
                        .block())
                .isZero();
        server.upkeep.look().block();
        assertThat(counted("ended")).isEqualTo(2);
    }

    private int ofSubject(String subject) {
        return java.util.Objects.requireNonNull(server.ends
                        .page(new StandingEnds.Selection(null, null, null, subject), 10, null)
                        .block())
                .found()
                .size();
    }

    private double counted(String state) {
        return server.meters.get("errand.standing").tag("state", state).gauge().value();
    }

    @Test
    void month_neverExceedsRunsRateAndCalls() {
        Reply got = allowed("{\"runs\":30,\"until\":\"" + UNTIL + "\",\"calls\":1000,"
                + "\"limit\":{\"capacity\":1,\"period\":86400}}");
        end(got, 40);
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        long used = 40;
        List<Duration> began = new ArrayList<>(List.of(Duration.ZERO));
        Reply last = got;
        for (Duration at = Duration.ofHours(1); at.toDays() < 31; at = at.plusHours(7)) {
            server.later = at;
            Reply reply = sent(token(got));
            if (reply.status() == 200) {
                long calls = number(bounds(StartRequests.claims(reply.token())), "calls");
                long made = random.nextLong(calls + 1);
                used += made;
                end(reply, made);
                began.add(at);
                last = reply;
            } else {
                assertThat(reply.body().string("error_description"))
                        .isIn("standing-rate", "standing-used", "standing-expired");
            }
        }
        assertThat(last.status()).isEqualTo(200);
        assertThat(used).isLessThanOrEqualTo(1000);
        assertThat(began.size()).isBetween(10, 30);
        for (int i = 1; i < began.size(); i++) {
            assertThat(began.get(i).minus(began.get(i - 1))).isGreaterThanOrEqualTo(Duration.ofHours(23));
        }
        assertThat(began.get(began.size() - 1)).isLessThan(Duration.ofDays(30));
    }
}
