package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.it.Approver.Asked;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A gateway with the pages on which people approve, and a provider at which they sign in. */
abstract class ApprovalPages {
    static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    static final String DOC = "/vault/v1/secret/data/docs/payments/";
    static final String SESSION = "__Host-errand-approvals";
    static final String SIGN_IN = "__Host-errand-approvals-sign-in";

    @TempDir
    static Path directory;

    static TestProvider provider;
    static SharedRedis redis;
    static RecordingUpstream upstream;
    static RunningGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        provider = new TestProvider(RunningGateway.ISSUER + "/approvals/callback");
        redis = new SharedRedis(directory);
        upstream = new RecordingUpstream();
        gateway = builder().start();
    }

    static String read(String file) {
        try {
            return Files.readString(Checkout.path("config/" + file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static RunningGateway.Builder builder() {
        String by = "by: {claim: groups, any: [approvers]";
        String limits = ", limit: {capacity: 1000, per: 1h}, pending: 16";
        String vault = read("operations/vault.yaml");
        return RunningGateway.with()
                .trusting(provider.human(), WORKLOADS)
                .file(
                        "operations/vault.yaml",
                        vault.replace("{id: kv.write,", "{id: kv.write, show: body,")
                                .replace("headers: {", "headers: {pass: [X-Color, X-Api-Key], "))
                .upstream(upstream)
                .sharing(redis, redis.keys())
                .property("errand.trust.humans[0].issuer", provider.issuer())
                .property("errand.trust.humans[0].jwks", "file:idp.jwks")
                .property("errand.trust.humans[0].audience", "errand")
                .property("errand.console.login.issuer", provider.issuer())
                .property("errand.console.login.client-id", Approver.CLIENT)
                .property("errand.console.login.secret-file", "file:credentials/login")
                .file("credentials/login", TestProvider.SECRET + "\n")
                .file("tasks/careful.yaml", Approver.template("careful", by + "}" + limits, ""))
                .file("tasks/fresh.yaml", Approver.template("fresh", by + ", fresh: true}" + limits, ""))
                .file(
                        "tasks/strong.yaml",
                        Approver.template("strong", by + ", acr: [\"urn:b\", \"urn:a\"], max-age: 5m}" + limits, ""))
                .file("tasks/pair.yaml", Approver.template("pair", by + "}, quorum: 2" + limits, ""));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
        redis.close();
        provider.close();
    }

    @BeforeEach
    void alice() {
        provider.subject = "alice";
        provider.group = "approvers";
        provider.audience = Approver.AUDIENCE;
        provider.more = "";
        provider.signedInSecondsAgo = 0;
        provider.instead = "";
        provider.asked.clear();
        upstream.forget();
    }

    static TestAgent agent(String template) {
        provider.subject = "starter";
        provider.group = "release-managers";
        try {
            return Templates.started(gateway, provider.human(), WORKLOADS, template);
        } finally {
            provider.subject = "alice";
            provider.group = "approvers";
        }
    }

    static HttpResponse<String> write(TestAgent agent, String name) {
        return agent.call(gateway, "POST", DOC + name, Map.of("Content-Type", "application/json"), "{\"data\":\"x\"}");
    }

    static String asked(TestAgent agent, String name) {
        HttpResponse<String> answer = write(agent, name);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
        return "/approvals/" + Asked.of(answer).id();
    }

    static String cookie(HttpResponse<String> answer, String name) {
        return answer.headers().allValues("Set-Cookie").stream()
                .filter(cookie -> cookie.startsWith(name + "="))
                .findFirst()
                .orElseThrow(() -> new AssertionError(answer.headers().map()));
    }
}
