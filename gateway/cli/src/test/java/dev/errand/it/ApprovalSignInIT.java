package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.it.Approver.Asked;
import dev.errand.token.Sha256;
import io.lettuce.core.RedisClient;
import io.lettuce.core.codec.ByteArrayCodec;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which ways around the sign-in of the pages on which people approve lead nowhere. */
class ApprovalSignInIT extends ApprovalPages {
    @Test
    void formOfAnother_orOfNoPage_decidesNothing() {
        TestAgent agent = agent("careful");
        String path = asked(agent, "a");
        PageVisitor alice = new PageVisitor(gateway);
        Map<String, String> form = PageVisitor.form(alice.signedInAt(path), "approve");
        PageVisitor bob = new PageVisitor(gateway);
        provider.subject = "bob";
        Map<String, String> other = PageVisitor.form(bob.signedInAt(path), "approve");
        provider.asked.clear();

        for (Map<String, String> wrong : List.of(
                with(form, "token", ""),
                with(form, "token", other.get("token")),
                with(form, "decision", "maybe"),
                with(form, "digest", "x"))) {
            assertThat(alice.post(path, wrong).statusCode()).as("%s", wrong).isEqualTo(403);
        }
        Map<String, String> changed = with(form, "digest", "sha-256:" + "A".repeat(43));
        assertThat(alice.post(path, changed).statusCode()).isEqualTo(409);
        HttpResponse<String> stranger = new PageVisitor(gateway).post(path, form);
        assertThat(stranger.statusCode()).isEqualTo(303);
        assertThat(PageVisitor.location(stranger)).isEqualTo(RunningGateway.ISSUER + path);
        assertThat(provider.asked).isEmpty();
        assertThat(asked(agent, "a")).isEqualTo(path);
    }

    private static Map<String, String> with(Map<String, String> form, String name, String value) {
        Map<String, String> changed = new HashMap<>(form);
        changed.put(name, value);
        return changed;
    }

    @Test
    void answerOfTheProvider_isGoodOnce_inItsBrowser_asItWas() {
        TestAgent agent = agent("careful");
        String path = asked(agent, "a");
        PageVisitor alice = new PageVisitor(gateway);
        alice.signedInAt(path);
        String callback = PageVisitor.atProvider(alice.post(path, PageVisitor.form(alice.get(path), "approve")));
        PageVisitor other = new PageVisitor(gateway);
        assertThat(other.get(callback).statusCode()).isEqualTo(400);
        other.get(path);
        assertThat(other.get(callback).statusCode()).isEqualTo(400);
        assertThat(alice.get(callback.replaceFirst("state=(.)", "state=A$1")).statusCode())
                .isEqualTo(400);
        assertThat(alice.get(callback.replaceFirst("iss=[^&]*", "iss=https%3A%2F%2Fevil.example"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(asked(agent, "a")).isEqualTo(path);
        assertThat(alice.get(callback + "&state=x").statusCode()).isEqualTo(400);
        // What the provider never said ends no sign-in.
        assertThat(alice.get(callback).body()).contains("You approved this call");
        assertThat(other.get(callback).statusCode()).isEqualTo(400);
    }

    /**
     * What a server on another port of the pages' host can do: it sets the cookie of the sign-in, and knows its value. The state, the
     * proof key and the form are made as a gateway without a key would make them.
     */
    @Test
    void cookieThatAnotherPortSet_decidesNothing() throws Exception {
        TestAgent agent = agent("careful");
        Asked asked = Asked.of(write(agent, "a"));
        String path = "/approvals/" + asked.id();
        PageVisitor alice = new PageVisitor(gateway);
        alice.signedInAt(path);
        String session = String.valueOf(alice.cookies.get(SESSION));

        ForgedSignIn forged = ForgedSignIn.of(asked, provider, RunningGateway.ISSUER + "/approvals/callback", session);
        alice.cookies.put(SIGN_IN, forged.cookie());
        HttpResponse<String> back = alice.get(PageVisitor.atProvider(URI.create(forged.location())));
        assertThat(back.statusCode()).isEqualTo(400);
        assertThat(back.body()).contains("This sign-in is over");

        Map<String, String> form = Map.of(
                "decision", "approve", "digest", asked.digest(), "token", Sha256.base64UrlOf("form\n" + session));
        assertThat(alice.post(path, form).statusCode())
                .as("a token made of the cookie")
                .isEqualTo(403);
        assertThat(asked(agent, "a")).isEqualTo(path);
    }

    @Test
    void formOfAnotherRequest_decidesNothing() {
        TestAgent agent = agent("careful");
        String path = asked(agent, "a");
        String other = asked(agent, "b");
        PageVisitor alice = new PageVisitor(gateway);
        Map<String, String> form = PageVisitor.form(alice.signedInAt(path), "approve");
        Map<String, String> others = PageVisitor.form(alice.get(other), "approve");
        assertThat(alice.post(path, with(form, "token", others.get("token"))).statusCode())
                .isEqualTo(403);
        Map<String, String> signOut = PageVisitor.form(alice.get("/approvals"), "approve");
        assertThat(alice.post(path, with(form, "token", signOut.get("token"))).statusCode())
                .isEqualTo(403);
        assertThat(alice.post("/approvals/sign-out", form).statusCode()).isEqualTo(403);
    }

    @Test
    void decision_endsInTheSessionThatBeganIt_alone() {
        TestAgent agent = agent("careful");
        String path = asked(agent, "a");
        PageVisitor alice = new PageVisitor(gateway);
        alice.signedInAt(path);
        String callback = PageVisitor.atProvider(alice.post(path, PageVisitor.form(alice.get(path), "approve")));
        PageVisitor later = new PageVisitor(gateway);
        later.signedInAt(path);
        later.cookies.put(SIGN_IN, alice.cookies.get(SIGN_IN));
        assertThat(later.get(callback).statusCode())
                .as("another session of hers")
                .isEqualTo(400);

        // Another site leads back, so the browser does not send the cookie of the session.
        String session = alice.cookies.remove(SESSION);
        HttpResponse<String> onward = alice.get(callback);
        assertThat(onward.statusCode()).isEqualTo(200);
        assertThat(onward.headers().allValues("Set-Cookie")).isEmpty();
        String again = callback + "&again=1";
        assertThat(onward.body())
                .contains("http-equiv=\"refresh\" content=\"0;url=" + RunningGateway.ISSUER
                        + again.replace("&", "&amp;"));
        assertThat(alice.get(again).statusCode()).as("no session at all").isEqualTo(400);
        assertThat(asked(agent, "a")).isEqualTo(path);
        alice.cookies.put(SESSION, session);
        assertThat(alice.get(again).body()).contains("You approved this call");
    }

    /** Also while values without a code are believed: a session makes a human. */
    @Test
    void session_thatAStrangerWrote_isNone() {
        PageVisitor alice = new PageVisitor(gateway);
        alice.signedInAt("/approvals");
        String id = String.valueOf(alice.cookies.get(SESSION));
        String key = "errand:w:" + Sha256.base64UrlOf("approvals\n" + id);
        RedisClient client = RedisClient.create(redis.url());
        try (var connection = client.connect(ByteArrayCodec.INSTANCE)) {
            byte[] name = key.getBytes(StandardCharsets.US_ASCII);
            byte[] sealed = connection.sync().get(name);
            assertThat(alice.get("/approvals").statusCode()).isEqualTo(200);
            connection.sync().set(name, Arrays.copyOfRange(sealed, 17, sealed.length));
            assertThat(alice.get("/approvals").statusCode()).isEqualTo(302);
        } finally {
            client.shutdown();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"error=access_denied", "code=unknown", "code=", "nothing=1"})
    void provider_thatGivesNoCode_signsNobodyIn(String instead) {
        String path = asked(agent("careful"), "a");
        provider.instead = instead;
        PageVisitor alice = new PageVisitor(gateway);
        HttpResponse<String> back = alice.get(PageVisitor.atProvider(alice.get(path)));
        assertThat(back.statusCode()).isEqualTo(403);
        assertThat(back.body()).contains("You are not signed in");
        assertThat(alice.cookies).doesNotContainKey(SESSION);
    }

    @Test
    void unmetRequirements_areSaid() {
        provider.instead = "error=unmet_authentication_requirements";
        PageVisitor alice = new PageVisitor(gateway);
        assertThat(alice.get(PageVisitor.atProvider(alice.get("/approvals"))).body())
                .contains("You must sign in more strongly");
    }

    @ParameterizedTest
    @ValueSource(strings = {"errand", "https://other.example"})
    void tokenForSomethingElse_signsNobodyIn(String audience) {
        provider.audience = audience;
        PageVisitor alice = new PageVisitor(gateway);
        HttpResponse<String> back = alice.get(PageVisitor.atProvider(alice.get("/approvals")));
        assertThat(back.statusCode()).isEqualTo(403);
        assertThat(back.body()).contains("You cannot approve here");
        assertThat(alice.cookies).doesNotContainKey(SESSION);
    }

    @Test
    void otherHumanAtTheDecision_decidesNothing() {
        TestAgent agent = agent("careful");
        String path = asked(agent, "a");
        PageVisitor alice = new PageVisitor(gateway);
        alice.signedInAt(path);
        HttpResponse<String> redirection = alice.post(path, PageVisitor.form(alice.get(path), "approve"));
        provider.subject = "bob";
        HttpResponse<String> done = alice.get(PageVisitor.atProvider(redirection));
        assertThat(done.statusCode()).isEqualTo(403);
        assertThat(done.body()).contains("You signed in as somebody else");
        assertThat(asked(agent, "a")).isEqualTo(path);
    }

    @Test
    void signOut_endsTheSession() {
        PageVisitor alice = new PageVisitor(gateway);
        HttpResponse<String> list = alice.signedInAt("/approvals");
        Map<String, String> kept = Map.copyOf(alice.cookies);
        assertThat(alice.post("/approvals/sign-out", Map.of("token", "x")).statusCode())
                .isEqualTo(403);
        HttpResponse<String> out = alice.post("/approvals/sign-out", PageVisitor.form(list, ""));
        assertThat(out.statusCode()).isEqualTo(200);
        assertThat(cookie(out, SESSION)).contains("Max-Age=0");
        alice.cookies.putAll(kept);
        assertThat(alice.get("/approvals").statusCode()).isEqualTo(302);
    }

    @Test
    void store_keepsNoCookie() {
        PageVisitor alice = new PageVisitor(gateway);
        alice.signedInAt("/approvals");
        String session = String.valueOf(alice.cookies.get(SESSION));
        RedisClient client = RedisClient.create(redis.url());
        try (var connection = client.connect()) {
            List<String> keys = connection.sync().keys("errand:w:*");
            assertThat(keys).isNotEmpty();
            for (String key : keys) {
                assertThat(key + connection.sync().get(key)).doesNotContain(session);
                assertThat(connection.sync().pttl(key))
                        .isPositive()
                        .isLessThanOrEqualTo(Instant.ofEpochSecond(1800).toEpochMilli());
            }
        } finally {
            client.shutdown();
        }
    }
}
