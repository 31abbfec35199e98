package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A task from its start to its end, over HTTP, with a Redis whose user has the rights that {@code docs/store.md} lists; and the
 * calls of {@code docs/what-it-refuses.md} with their answers.
 */
class TaskJourneyIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final Page REFUSALS = new Page("docs/what-it-refuses.md");
    private static final String USER = "errand";
    private static final String PASSWORD = "of-the-user";

    @TempDir
    private static Path directory;

    private static SharedRedis redis;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws IOException {
        redis = new SharedRedis(directory);
        String rights = new Page("docs/store.md").block("ACL SETUSER").strip();
        asAdministrator(rights.replace("SETUSER errand", "SETUSER " + USER).replace(">PASSWORD", ">" + PASSWORD));
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .sharing(redis.url().replaceFirst("//[^@]*@", "//" + USER + ":" + PASSWORD + "@"), redis.keys())
                .start();
    }

    private static void asAdministrator(String command) {
        String[] words = command.split(" ");
        CommandArgs<String, String> rest = new CommandArgs<>(StringCodec.UTF8);
        Arrays.stream(words).skip(1).forEach(rest::add);
        RedisClient client = RedisClient.create(redis.url());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            connection.sync().dispatch(CommandType.valueOf(words[0]), new StatusOutput<>(StringCodec.UTF8), rest);
        } finally {
            client.shutdown();
        }
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
        redis.close();
    }

    @BeforeEach
    void forget() {
        upstream.forget();
    }

    @Test
    void task_startCallDeriveCallEnd_runsToItsEnd() {
        TestAgent root = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        assertThat(root.get(gateway, "/vault/v1/secret/data/docs/payments/a").statusCode())
                .isEqualTo(200);

        TestAgent child = root.child();
        assertThat(child.get(gateway, "/vault/v1/secret/data/docs/payments/b").statusCode())
                .isEqualTo(200);

        root.end(gateway);
        var after = child.get(gateway, "/vault/v1/secret/data/docs/payments/c");
        assertThat(after.statusCode()).isEqualTo(401);
        assertThat(TestAgent.json(after.body()).string("code")).isEqualTo("task-ended");
        assertThat(upstream.seen())
                .extracting(RecordingUpstream.Seen::target)
                .containsExactly("/v1/secret/data/docs/payments/a", "/v1/secret/data/docs/payments/b");
    }

    /** What a caller of the page types, and the answer below it, whose dots stand for what is left out. */
    private record Shown(String typed, int status, JsonObject answer) {}

    private static List<Shown> shown() {
        List<Shown> all = new ArrayList<>();
        for (String part : REFUSALS.block("$ curl -s $S").split("\n\n")) {
            List<String> lines = part.strip().lines().toList();
            String answer = lines.stream().skip(1).map(String::strip).collect(Collectors.joining(" "));
            all.add(new Shown(
                    lines.get(0).replaceFirst("^\\$ ", "").replaceFirst("\\s+# .*", ""),
                    Integer.parseInt(answer.substring(0, 3)),
                    TestAgent.json(answer.substring(4).replaceAll(",\\s*…}", "}"))));
        }
        return all;
    }

    @Test
    void callsOfThePage_areAnsweredAsItShows() throws Exception {
        upstream.answer(seen -> RecordingUpstream.Answer.of(200, "{\"data\":{\"data\":{\"password\":\"hunter2\"}}}"));
        String own = REFUSALS.block("S=http").lines().findFirst().orElseThrow().substring(2);
        TestAgent agent = TestAgent.release(gateway, HUMAN, WORKLOADS);
        String used = agent.dpop("GET", URI.create(own).getPath());
        List<Shown> shown = shown();
        assertThat(shown).hasSize(9);
        for (Shown one : shown) {
            boolean stolen = one.typed().startsWith("KEY=thief.jwk ");
            String[] words =
                    one.typed().replace("KEY=thief.jwk ", "").replace("$S", own).split(" ");
            boolean call = words[0].equals("call");
            String path = words[2].replaceFirst("^http://[^/]*", "");
            String method = call ? words[1] : "GET";
            TestAgent caller = stolen ? new TestAgent(TestKey.ed25519("thief"), agent.token(), List.of()) : agent;
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            gateway.address().resolve(path))
                    .method(method, HttpRequest.BodyPublishers.noBody());
            if (call || one.typed().contains("Accept: application/problem+json")) {
                request.header("Accept", "application/problem+json");
            }
            boolean again = one.typed().contains("@used.headers");
            if (call || again) {
                String proof = again ? used : caller.dpop(method, path);
                used = call && !stolen && one.status() == 200 ? proof : used;
                request.header("Authorization", "DPoP " + agent.token()).header("DPoP", proof);
            }
            HttpResponse<String> answer = TestAgent.HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(one.typed() + answer.body()).isEqualTo(one.status());
            assertShown(one, TestAgent.json(answer.body()));
        }
    }

    private static void assertShown(Shown one, JsonObject answer) {
        one.answer().members().forEach((name, value) -> {
            String actual = Jcs.canonical(Objects.requireNonNullElse(answer.get(name), JsonNull.NULL));
            String expected = Arrays.stream(Jcs.canonical(value).split("…", -1))
                    .map(Pattern::quote)
                    .collect(Collectors.joining(".*"));
            if (!name.equals("decision")) {
                assertThat(actual).as(one.typed()).matches(expected);
            }
        });
    }
}
