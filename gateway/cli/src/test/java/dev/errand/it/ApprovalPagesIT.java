package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.it.Approver.Asked;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The pages on which people approve: what is served to whom. */
class ApprovalPagesIT extends ApprovalPages {
    @Test
    void stranger_isSentToTheProvider_whateverTheAddress() {
        String path = asked(agent("careful"), "a");
        for (String each :
                List.of("/approvals", path, "/approvals/a-AAAAAAAAAAAAAAAAAAAAAA.t-unknown", "/approvals/x")) {
            HttpResponse<String> answer = new PageVisitor(gateway).get(each);
            assertThat(answer.statusCode()).as(each).isEqualTo(302);
            String location = PageVisitor.location(answer);
            assertThat(location).startsWith(provider.issuer() + "/authorize?");
            Map<String, String> query = TestProvider.parameters(location.substring(location.indexOf('?') + 1));
            assertThat(query)
                    .containsEntry("response_type", "code")
                    .containsEntry("client_id", Approver.CLIENT)
                    .containsEntry("redirect_uri", RunningGateway.ISSUER + "/approvals/callback")
                    .containsEntry("scope", "openid")
                    .containsEntry("resource", Approver.AUDIENCE)
                    .containsEntry("code_challenge_method", "S256")
                    .containsOnlyKeys(
                            "response_type",
                            "client_id",
                            "redirect_uri",
                            "scope",
                            "resource",
                            "state",
                            "code_challenge",
                            "code_challenge_method");
            assertThat(query.get("code_challenge")).hasSize(43);
            assertThat(cookie(answer, SIGN_IN))
                    .contains("; Path=/", "; Secure", "; HTTPOnly", "; SameSite=Lax", "; Max-Age=600")
                    .doesNotContain("Domain");
        }
    }

    @Test
    void signIn_opensASession_andThePageShows() {
        String path = asked(agent("careful"), "a");
        PageVisitor alice = new PageVisitor(gateway);
        HttpResponse<String> back = alice.get(PageVisitor.atProvider(alice.get(path)));
        assertThat(back.statusCode()).as(back.body()).isEqualTo(200);
        assertThat(back.body())
                .contains("<meta http-equiv=\"refresh\" content=\"0;url=" + RunningGateway.ISSUER + path + "\">");
        assertThat(cookie(back, SESSION))
                .contains("; Path=/", "; Secure", "; HTTPOnly", "; SameSite=Strict", "; Max-Age=1800")
                .doesNotContain("Domain");
        HttpResponse<String> page = alice.get(path);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains("vault:kv.write", "secret/docs/payments/a", "POST /v1/secret/data/docs/payments/a")
                .contains("The call is not in the plan of the task")
                .contains("No further operation becomes possible by this call.")
                .contains("vault:kv.read", "starter", ">alice<", TestWorkloads.RELEASE_BOT)
                .doesNotContain("<script");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .matches(
                        "default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; frame-ancestors 'none'; form-action"
                                + " 'self' " + provider.issuer() + "; base-uri 'none'");
        assertThat(page.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
        assertThat(page.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(page.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html;charset=UTF-8");
        assertThat(alice.get("/approvals").body()).contains(RunningGateway.ISSUER + path);
    }

    @Test
    void page_showsHeadersAndBody_whatObjects_andEarlierRefusals() {
        TestAgent agent = agent("careful");
        String refused = asked(agent, "a");
        PageVisitor alice = new PageVisitor(gateway);
        alice.signedInAt(refused);
        alice.decide(refused, "refuse");
        String body = "{\n  \"data\": \"<b>\u202egnp\"\n}";
        Map<String, String> headers =
                Map.of("Content-Type", "application/json", "X-Color", "red", "X-Api-Key", "s3cret");
        Asked asked = Asked.of(agent.call(gateway, "POST", DOC + "a", headers, body));
        String page = alice.get("/approvals/" + asked.id()).body();
        assertThat(page)
                .contains("<pre>{\n  &quot;data&quot;: &quot;&lt;b&gt;\\u202egnp&quot;\n}</pre>")
                .contains("<b>x-color</b> <code>red</code>")
                .contains("tasks/careful.yaml:11")
                .contains("Humans refused an earlier request of this task")
                .doesNotContain("s3cret");
        String json =
                new Approver(provider.human(), "alice").see(gateway, asked.id()).body();
        assertThat(TestAgent.json(json).object("shown").string("body")).isEqualTo(body);
        try (RedisClient client = RedisClient.create(redis.url())) {
            RedisCommands<String, byte[]> store = client.connect(
                            RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE))
                    .sync();
            String kept = store.keys("*" + agent.task() + "*").stream()
                    .filter(key -> store.type(key).equals("hash"))
                    .flatMap(key -> store.hgetall(key).values().stream())
                    .map(value -> new String(value, StandardCharsets.UTF_8))
                    .collect(Collectors.joining());
            assertThat(kept).contains("x-color").doesNotContain("gnp");
        }
    }

    @Test
    void programs_getJson_asBefore() throws Exception {
        String path = asked(agent("careful"), "a");
        for (String accept : List.of("*/*", "application/json", "application/json, text/html;q=0")) {
            HttpResponse<String> answer = TestAgent.HTTP.send(
                    HttpRequest.newBuilder(URI.create(gateway.address() + path))
                            .header("Accept", accept)
                            .header("Authorization", "Bearer " + new Approver(provider.human(), "alice").token())
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(accept + answer.body()).isEqualTo(200);
            assertThat(TestAgent.json(answer.body()).string("operation")).isEqualTo("vault:kv.write");
        }
        HttpRequest unreadable = HttpRequest.newBuilder(URI.create(gateway.address() + path))
                .header("Accept", "text/html/x")
                .build();
        assertThat(TestAgent.HTTP.send(unreadable, BodyHandlers.ofString()).statusCode())
                .isEqualTo(401);
    }

    @Test
    void program_thatSaysAForm_decidesAsBefore() throws Exception {
        TestAgent agent = agent("careful");
        Asked asked = Asked.of(write(agent, "a"));
        HttpRequest decision = HttpRequest.newBuilder(URI.create(gateway.address() + "/approvals/" + asked.id()))
                .header("Accept", "text/html")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Authorization", "Bearer " + new Approver(provider.human(), "alice").token())
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"decision\":\"approve\",\"digest\":\"" + asked.digest() + "\"}"))
                .build();
        HttpResponse<String> answer = TestAgent.HTTP.send(decision, BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(write(agent, "a").statusCode()).isEqualTo(200);
    }

    @Test
    void approval_countsByANewSignIn_andTheCallPassesOnce() {
        TestAgent agent = agent("fresh");
        String path = asked(agent, "a");
        PageVisitor alice = new PageVisitor(gateway);
        alice.signedInAt(path);
        HttpResponse<String> done = alice.decide(path, "approve");
        assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
        assertThat(done.body()).contains("You approved this call");
        assertThat(provider.asked.get(0)).doesNotContainKey("max_age");
        assertThat(provider.asked.get(1))
                .containsEntry("max_age", "0")
                .containsEntry("resource", Approver.AUDIENCE)
                .doesNotContainKey("acr_values");
        assertThat(alice.get(path).body()).contains("This call is approved").doesNotContain("name=\"decision\"");
        assertThat(write(agent, "a").statusCode()).isEqualTo(200);
        assertThat(asked(agent, "a")).isNotEqualTo(path);
        assertThat(upstream.seen()).hasSize(1);
        JsonObject by = gateway.records().stream()
                .map(TestAgent::json)
                .filter(record -> "decision".equals(record.string("kind")) && record.object("approval") != null)
                .map(record ->
                        (JsonObject) ((JsonArray) record.object("approval").get("by"))
                                .values()
                                .get(0))
                .reduce((first, last) -> last)
                .orElseThrow();
        assertThat(by.string("sub")).isEqualTo("alice");
        assertThat(by.string("iss")).isEqualTo(provider.issuer());
    }

    @Test
    void refusal_countsByANewSignIn() {
        TestAgent agent = agent("careful");
        String path = asked(agent, "a");
        PageVisitor alice = new PageVisitor(gateway);
        alice.signedInAt(path);
        assertThat(alice.decide(path, "refuse").body()).contains("You refused this call");
        assertThat(write(agent, "a").headers().firstValue("Errand-Code")).hasValue("approval-refused");
        HttpResponse<String> again = alice.get(path);
        assertThat(again.statusCode()).isEqualTo(404);
        assertThat(again.body()).contains("This call was refused");
    }

    /** A browser loads the answer to a decision, or the request, again. */
    @Test
    void reload_tellsWhatBecameOfTheRequest() {
        TestAgent agent = agent("careful");
        String path = asked(agent, "a");
        PageVisitor alice = new PageVisitor(gateway);
        alice.signedInAt(path);
        String callback = PageVisitor.atProvider(alice.post(path, PageVisitor.form(alice.get(path), "approve")));
        assertThat(alice.get(callback).body()).contains("You approved this call");
        HttpResponse<String> again = alice.get(callback);
        assertThat(again.statusCode()).isEqualTo(303);
        assertThat(again.headers().firstValue("Location")).hasValue(RunningGateway.ISSUER + path);
        assertThat(alice.get(path).body()).contains("This call is approved");
        assertThat(write(agent, "a").statusCode()).isEqualTo(200);
        HttpResponse<String> used = alice.get(path);
        assertThat(used.statusCode()).isEqualTo(404);
        assertThat(used.body()).contains("This call was approved and made");
        assertThat(new PageVisitor(gateway).get(path).body()).as("a stranger").doesNotContain("approved");
    }

    @Test
    void quorum_isSaid_andTheSameHumanMayOnlyRefuse() {
        String path = asked(agent("pair"), "a");
        PageVisitor alice = new PageVisitor(gateway);
        assertThat(alice.signedInAt(path).body()).contains("2 people must approve; 0 have so far.");
        assertThat(alice.decide(path, "approve").body()).contains("Your approval counts");
        assertThat(alice.get(path).body())
                .contains("2 people must approve; 1 has so far.", "You may still refuse it")
                .doesNotContain("value=\"approve\"");
    }

    @Test
    void stepUp_isAskedOfTheProvider_andDemandedOfItsToken() {
        TestAgent agent = agent("strong");
        String path = asked(agent, "a");
        PageVisitor alice = new PageVisitor(gateway);
        alice.signedInAt(path);
        HttpResponse<String> weak = alice.decide(path, "approve");
        assertThat(weak.statusCode()).isEqualTo(403);
        assertThat(weak.body()).contains("You must sign in more strongly");
        assertThat(provider.asked.get(1))
                .containsEntry("acr_values", "urn:a urn:b")
                .containsEntry("max_age", "300");
        provider.more = ",\"acr\":\"urn:a\"";
        provider.signedInSecondsAgo = 400;
        assertThat(alice.decide(path, "approve").body()).contains("You must sign in more strongly");
        provider.signedInSecondsAgo = 0;
        assertThat(alice.decide(path, "approve").body()).contains("You approved this call");
        assertThat(write(agent, "a").statusCode()).isEqualTo(200);
    }

    @Test
    void whoMayNotDecide_seesNothing() {
        String path = asked(agent("careful"), "a");
        provider.group = "others";
        PageVisitor mallory = new PageVisitor(gateway);
        HttpResponse<String> page = mallory.signedInAt(path);
        assertThat(page.statusCode()).isEqualTo(404);
        HttpResponse<String> unknown = mallory.get("/approvals/a-AAAAAAAAAAAAAAAAAAAAAA.t-unknown");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).isEqualTo(page.body());
        assertThat(mallory.get("/approvals").body()).contains("Nothing waits for you");
    }

    @Test
    void twoTabs_decideSideBySide() {
        TestAgent agent = agent("careful");
        String one = asked(agent, "a");
        String other = asked(agent, "b");
        PageVisitor alice = new PageVisitor(gateway);
        alice.signedInAt(one);
        String first = PageVisitor.atProvider(alice.post(one, PageVisitor.form(alice.get(one), "approve")));
        String second = PageVisitor.atProvider(alice.post(other, PageVisitor.form(alice.get(other), "refuse")));
        assertThat(alice.get(first).body()).contains("You approved this call");
        assertThat(alice.get(second).body()).contains("You refused this call");
    }

    @Test
    void decision_thatCounts_isSaid_alsoWhereNoSessionCanBeOpened() throws Exception {
        TestAgent agent = agent("careful");
        String path = asked(agent, "a");
        PageVisitor alice = new PageVisitor(gateway);
        alice.signedInAt(path);
        String callback = PageVisitor.atProvider(alice.post(path, PageVisitor.form(alice.get(path), "approve")));
        RedisClient client = RedisClient.create(redis.url());
        try (var connection = client.connect()) {
            // All but writing a session.
            acl(connection.sync(), "resetkeys ~[^e]* ~e[^r]* ~errand:[^w]* ~errand:w:u:*");
            HttpResponse<String> done;
            try {
                done = alice.get(callback);
            } finally {
                acl(connection.sync(), "allkeys");
            }
            assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
            assertThat(done.body()).contains("You approved this call");
            assertThat(write(agent, "a").statusCode()).isEqualTo(200);
        } finally {
            client.shutdown();
        }
    }

    private static void acl(RedisCommands<String, String> commands, String rules) {
        CommandArgs<String, String> args =
                new CommandArgs<>(StringCodec.UTF8).add("SETUSER").add("default");
        for (String rule : rules.split(" ")) {
            args.add(rule);
        }
        commands.dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), args);
    }

    @Test
    void requestThatEndsDuringTheSignIn_isSaid() {
        TestAgent agent = agent("careful");
        String path = asked(agent, "a");
        PageVisitor alice = new PageVisitor(gateway);
        alice.signedInAt(path);
        String callback = PageVisitor.atProvider(alice.post(path, PageVisitor.form(alice.get(path), "approve")));
        agent.end(gateway);
        HttpResponse<String> done = alice.get(callback);
        assertThat(done.statusCode()).isEqualTo(404);
        assertThat(done.body()).contains("There is nothing here for you");
    }

    @Test
    void whateverAnAgentChose_isText() {
        provider.more = ",\"preferred_username\":\"<b>'alice'</b>\"";
        String name = "%3Cscript%3Ealert(1)%22%27%26%E2%80%AE";
        TestAgent agent = agent("careful");
        HttpResponse<String> answer = write(agent, name);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
        String path = "/approvals/" + Asked.of(answer).id();
        PageVisitor alice = new PageVisitor(gateway);
        String page = alice.signedInAt(path).body();
        assertThat(page + alice.get("/approvals").body())
                .doesNotContain("<script", "<b>'alice", "\u202e")
                .contains("&lt;b&gt;&#39;alice&#39;&lt;/b&gt;", "&lt;script&gt;alert(1)&quot;&#39;&amp;\\u202e");
    }
}
