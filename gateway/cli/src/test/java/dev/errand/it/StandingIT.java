package dev.errand.it;

import static dev.errand.it.OperatorClient.objects;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.AgentClient;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A human allows many runs at the page. An agent starts them on two replicas, and the human, an operator or the agent ends them all. */
class StandingIT extends StandingGround {
    @BeforeAll
    static void gateways() {
        begin();
    }

    @Test
    void page_saysManyRunsFirst_andTheRunsCallForTheHuman_untilTheHumanEndsThem() {
        PageVisitor alice = new PageVisitor(gateway);
        JsonObject start =
                Jws.object("{\"template\":\"nightly\",\"parameters\":{\"project\":\"payments\"},\"standing\":"
                        + "{\"runs\":30,\"until\":\"" + UNTIL
                        + "\",\"calls\":3000,\"limit\":{\"capacity\":1,\"period\":86400}}}");
        TestKey key = TestKey.ed25519("agent");
        JsonObject asked =
                TestAgent.client(gateway).ask(key.agent(), new AgentClient.Start(null, "jwt", svid(), start, null));
        String path =
                "/start?user_code=" + String.valueOf(asked.string("user_code")).substring(0, 4);
        String page = alice.signedInAt(path).body();
        String day = java.time.format.DateTimeFormatter.ofPattern("d MMMM", java.util.Locale.ENGLISH)
                .format(UNTIL.atZone(java.time.ZoneOffset.UTC));
        assertThat(page)
                .contains("up to 30 runs until " + day)
                .contains(", at most one a day, without asking again")
                .contains("All runs together may make at most 3000 calls.");
        assertThat(page.indexOf("up to 30 runs")).isLessThan(page.indexOf("Who asks"));
        alice.post("/start", PageVisitor.form(alice.get(path), "refuse"));

        provider.asked.clear();
        Errand errand = allowed(alice, runs(10));
        // Anew, although the template lets one run be allowed by a sign-in of five minutes ago.
        assertThat(provider.asked.get(0)).containsEntry("max_age", "0");
        TestAgent second = started(gateway, errand);
        TestAgent third = started(other, errand);
        assertThat(refusal(gateway, errand)).isEqualTo("standing-busy");
        assertThat(second.get(other, TestAgent.READ).statusCode()).isEqualTo(200);
        JsonObject context = Jws.claims(
                        upstream.seen().get(upstream.seen().size() - 1).header("Txn-Token"))
                .object("tctx");
        JsonObject run = Jws.object("{\"id\":\"" + errand.id() + "\",\"run\":2}");
        assertThat(context.object("standing")).isEqualTo(run);
        assertThat(Jws.claims(second.token()).object("standing")).isEqualTo(run);
        assertThat(Jws.claims(second.token()).string("sub")).isEqualTo("alice");
        JsonObject decision = other.records().stream()
                .map(TestAgent::json)
                .filter(record -> "decision".equals(record.string("kind")))
                .reduce((a, b) -> b)
                .orElseThrow();
        assertThat(decision.object("standing")).isEqualTo(run);
        assertThat(decision.object("human").string("sub")).isEqualTo("alice");

        JsonObject row = listed(errand.id());
        assertThat(row.members().keySet())
                .containsExactlyInAnyOrder(
                        "id", "template", "human", "agent", "allowed", "until", "runs", "used", "calls_left", "state");
        assertThat(row.get("used")).isEqualTo(number(3));
        assertThat(row.get("calls_left")).isEqualTo(number(85));
        assertThat(row.string("state")).isEqualTo("active");
        assertThat(row.string("until")).isEqualTo(UNTIL.toString());

        provider.subject = "bob";
        PageVisitor bob = new PageVisitor(other);
        HttpResponse<String> bobs = bob.signedInAt("/errands");
        assertThat(bobs.body()).doesNotContain(errand.id());
        Map<String, String> form = new HashMap<>(PageVisitor.form(alice.get("/errands"), ""));
        form.put("end", errand.id());
        assertThat(bob.post("/errands", form).statusCode()).isEqualTo(403);
        Map<String, String> foreign = new HashMap<>(Map.of("end", errand.id()));
        foreign.put("token", token(bob, alice));
        assertThat(bob.post("/errands", foreign).statusCode()).isIn(403, 404);

        HttpResponse<String> own = alice.get("/errands");
        assertThat(own.body()).contains(errand.id(), "3 of 10 runs used", "End it with all its runs", "End this task");
        assertThat(alice.post("/errands", form).statusCode()).isEqualTo(303);
        for (RunningGateway each : List.of(gateway, other)) {
            for (TestAgent agent : List.of(errand.first(), second, third)) {
                assertThat(agent.get(each, TestAgent.READ).headers().firstValue("Errand-Code"))
                        .hasValue("task-ended");
            }
            assertThat(refusal(each, errand)).isEqualTo("standing-ended");
        }
        assertThat(listed(errand.id()).string("state")).isEqualTo("ended");
        List<JsonObject> records = records(errand.id());
        assertThat(records).extracting(record -> record.string("what")).contains("allowed", "run", "refused", "ended");
        JsonObject ended = records.stream()
                .filter(record -> "ended".equals(record.string("what")))
                .findFirst()
                .orElseThrow();
        assertThat(ended.string("by")).isEqualTo("human");
        assertThat(ended.members().keySet())
                .containsExactlyInAnyOrder(
                        "kind",
                        "time",
                        "id",
                        "what",
                        "run",
                        "reason",
                        "task",
                        "template",
                        "human",
                        "agent",
                        "by",
                        "gateway");
        assertThat(gateway.records().stream()
                        .map(TestAgent::json)
                        .filter(record -> "ended".equals(record.string("kind")))
                        .filter(record -> "human".equals(record.string("by"))))
                .hasSize(3);
    }

    private static String token(PageVisitor bob, PageVisitor alice) {
        return PageVisitor.form(alice.get("/errands"), "").get("token") + bob.cookies.size();
    }

    private static HttpResponse<String> event(RunningGateway at, String header, String claims) {
        String token = provider.human()
                .key()
                .jws(header.replace("KID", provider.human().key().kid()), claims);
        return posted(at, "application/secevent+jwt", token);
    }

    private static HttpResponse<String> posted(RunningGateway at, String type, String body) {
        try {
            return TestAgent.HTTP.send(
                    HttpRequest.newBuilder(at.address().resolve("/ssf/idp"))
                            .header("Content-Type", type)
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static final String SET = "{\"alg\":\"EdDSA\",\"typ\":\"secevent+jwt\",\"kid\":\"KID\"}";
    private static final String RISC = "https://schemas.openid.net/secevent/risc/event-type/";
    private static final String CAEP = "https://schemas.openid.net/secevent/caep/event-type/";

    private static String claims(String event, String subject) {
        return "{\"iss\":\"" + provider.issuer() + "\",\"aud\":[\"https://gateway.example.org/ssf\"],\"iat\":"
                + Instant.now().getEpochSecond() + ",\"jti\":\"" + java.util.UUID.randomUUID() + "\",\"events\":{\""
                + event + "\":{\"subject\":" + subject + "}}}";
    }

    private static String human(String subject) {
        return "{\"format\":\"iss_sub\",\"iss\":\"" + provider.issuer() + "\",\"sub\":\"" + subject + "\"}";
    }

    private static void assertEnded(Errand errand) {
        assertThat(errand.first().get(other, TestAgent.READ).headers().firstValue("Errand-Code"))
                .hasValue("task-ended");
    }

    @Test
    void leaver_losesTasksAndErrands_byAnEventThatCountsOnce() {
        provider.subject = "leaver";
        PageVisitor human = new PageVisitor(gateway);
        Errand errand = allowed(human, runs(5));
        // A session that is revoked ends the tasks, and leaves the errand.
        String complex = "{\"format\":\"complex\",\"user\":" + human("leaver") + "}";
        assertThat(event(other, SET, claims(CAEP + "session-revoked", complex)).statusCode())
                .isEqualTo(202);
        assertEnded(errand);
        TestAgent second = started(gateway, errand);
        for (String nothing : List.of(
                claims("https://schemas.openid.net/secevent/ssf/event-type/verification", human("leaver")),
                claims(RISC + "account-enabled", human("leaver")),
                claims(RISC + "account-disabled", human("somebody")),
                claims(RISC + "account-disabled", human("leaver").replace(provider.issuer(), "https://x.example")),
                claims(RISC + "account-disabled", "{\"format\":\"email\",\"email\":\"a@x.example\"}"))) {
            HttpResponse<String> answer = event(gateway, SET, nothing);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
            assertThat(answer.body()).isEmpty();
        }
        String good = claims(RISC + "account-disabled", human("leaver"));
        Map<String, HttpResponse<String>> bad = Map.of(
                "invalid_issuer",
                event(gateway, SET, good.replace(provider.issuer(), "https://x.example")),
                "invalid_audience",
                event(gateway, SET, good.replace("example.org/ssf", "example.org/other")),
                "invalid_key",
                event(gateway, SET.replace("KID", "unknown"), good),
                "authentication_failed",
                posted(
                        gateway,
                        "application/secevent+jwt",
                        TestKey.ed25519("x")
                                .jws(SET.replace("KID", provider.human().key().kid()), good)),
                "invalid_request",
                event(gateway, SET.replace("secevent+jwt", "JWT"), good));
        bad.forEach((code, answer) -> {
            assertThat(answer.statusCode()).as(code).isEqualTo(400);
            assertThat(TestAgent.json(answer.body()).string("err")).isEqualTo(code);
            assertThat(TestAgent.json(answer.body()).members()).containsOnlyKeys("err", "description");
        });
        for (HttpResponse<String> answer : List.of(
                posted(gateway, "application/json", "{}"),
                posted(gateway, "application/secevent+jwt", "x"),
                posted(gateway, "application/secevent+jwt", "x".repeat(100_000)),
                event(gateway, SET, good.replaceFirst("\"iat\":[0-9]+", "\"iat\":1")),
                event(gateway, SET, good.replace("\"jti\"", "\"x\"")),
                event(gateway, SET, good.replace("\"events\":{", "\"x\":{")))) {
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
            assertThat(TestAgent.json(answer.body()).string("err")).isEqualTo("invalid_request");
        }
        assertThat(second.get(other, TestAgent.READ).statusCode()).isEqualTo(200);

        assertThat(event(gateway, SET, good).statusCode()).isEqualTo(202);
        assertThat(second.get(other, TestAgent.READ).headers().firstValue("Errand-Code"))
                .hasValue("task-ended");
        assertThat(refusal(other, errand)).isEqualTo("standing-ended");
        assertThat(records(errand.id()).stream()
                        .filter(record -> "ended".equals(record.string("what")))
                        .map(record -> record.string("by")))
                .containsExactly("provider");
        // The same event again, for a human who came back.
        Errand back = allowed(human, runs(5));
        assertThat(event(other, SET, good).statusCode()).isEqualTo(202);
        assertThat(back.first().get(other, TestAgent.READ).statusCode()).isEqualTo(200);
    }

    @Test
    void operator_endsOne_andManyWithTheirTasks() {
        PageVisitor alice = new PageVisitor(gateway);
        Errand one = allowed(alice, runs(5));
        Errand two = allowed(alice, runs(5));
        OperatorClient operator = OperatorClient.of(gateway);
        HttpResponse<String> ended = operator.post("/standing/" + one.id() + "/end", "{\"why\":\"drill\"}");
        assertThat(ended.statusCode()).as(ended.body()).isEqualTo(200);
        assertThat(one.first().get(other, TestAgent.READ).headers().firstValue("Errand-Code"))
                .hasValue("task-ended");
        assertThat(refusal(other, one)).isEqualTo("standing-ended");
        assertThat(two.first().get(other, TestAgent.READ).statusCode()).isEqualTo(200);
        String human = OperatorClient.encoded(provider.issuer() + " alice");
        JsonObject page = operator.json("/standing?template=nightly&limit=1&human=" + human);
        assertThat(objects(page, "standing")).hasSize(1);
        JsonObject next =
                operator.json("/standing?template=nightly&limit=1&human=" + human + "&cursor=" + page.string("cursor"));
        assertThat(List.of(
                        objects(page, "standing").get(0).string("id"),
                        objects(next, "standing").get(0).string("id")))
                .containsExactlyInAnyOrder(one.id(), two.id());
        assertThat(objects(operator.json("/standing?template=nightly&human=alice"), "standing"))
                .extracting(errand -> errand.string("id"))
                .contains(one.id(), two.id());
        for (String bad : List.of("?limit=0", "?limit=1001", "?cursor=x", "?state=active")) {
            assertThat(operator.get("/standing" + bad).statusCode()).as(bad).isEqualTo(400);
        }
        assertThat(operator.post("/standing/" + one.id() + "/end", "{}").statusCode())
                .isEqualTo(400);
        assertThat(operator.post("/standing/se-" + "x".repeat(22) + "/end", "{\"why\":\"x\"}")
                        .statusCode())
                .isEqualTo(404);

        HttpResponse<String> many =
                operator.post("/tasks/interrupt", "{\"template\":\"nightly\",\"why\":\"all of them\"}");
        assertThat(TestAgent.json(many.body()).get("standing")).as(many.body()).isEqualTo(number(1));
        assertThat(refusal(other, two)).isEqualTo("standing-ended");
        assertThat(two.first().get(other, TestAgent.READ).headers().firstValue("Errand-Code"))
                .hasValue("task-ended");
    }
}
