package dev.errand.it;

import static dev.errand.it.OperatorClient.encoded;
import static dev.errand.it.OperatorClient.objects;
import static dev.errand.it.OperatorClient.strings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.Patience;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.CommandType;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two replicas on one Redis tell operators the same of tasks, decisions and each other, whichever is asked. */
class FleetIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String BILLING = "/vault/v1/secret/data/docs/billing/a";
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    static Path temporary;

    private static SharedRedis redis;
    private static RecordingUpstream upstream;
    private static RunningGateway one;
    private static RunningGateway two;
    private static OperatorClient first;
    private static OperatorClient second;

    @BeforeAll
    static void start() throws Exception {
        redis = new SharedRedis(temporary);
        upstream = new RecordingUpstream();
        one = replica();
        two = replica();
        first = OperatorClient.of(one);
        second = OperatorClient.of(two);
    }

    private static RunningGateway replica() {
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .sharing(redis, redis.keys())
                .file("tasks/ten.yaml", Templates.bounded("ten", "limits: {calls: 10}"))
                .start();
    }

    @AfterAll
    static void stop() {
        two.close();
        one.close();
        upstream.close();
        redis.close();
    }

    private static int humans;

    /** A human of whom nobody else started anything. */
    private static TestHuman human() {
        return new TestHuman(HUMAN.issuer(), "user:fleet-" + humans++, HUMAN.key());
    }

    private static TestAgent explore(RunningGateway gateway, TestHuman human) {
        return TestAgent.explore(gateway, human, WORKLOADS);
    }

    private static void call(TestAgent agent, RunningGateway gateway, String path, int status) {
        assertThat(agent.get(gateway, path).statusCode()).isEqualTo(status);
    }

    private static <T> T soon(Callable<T> asked, java.util.function.Predicate<T> good) throws Exception {
        long deadline = System.nanoTime() + Patience.of(SOON).toNanos();
        T found = asked.call();
        while (!good.test(found)) {
            assertThat(System.nanoTime() - deadline).as(String.valueOf(found)).isNegative();
            TimeUnit.MILLISECONDS.sleep(50);
            found = asked.call();
        }
        return found;
    }

    private static List<JsonObject> listed(OperatorClient operator, String query) {
        return objects(operator.json("/tasks?" + query), "tasks");
    }

    private static String ofHuman(TestHuman human) {
        return "human=" + encoded(human.subject());
    }

    @Test
    void tasks_afterCallsOnBoth_areToldAlikeByBoth() throws Exception {
        TestHuman human = human();
        TestAgent agent = Templates.started(one, human, WORKLOADS, "ten");
        assertThat(listed(second, ofHuman(human))).as("before its first call").hasSize(1);
        call(agent, one, TestAgent.READ, 200);
        call(agent, one, TestAgent.READ, 200);
        call(agent, two, TestAgent.READ, 200);
        call(agent, two, BILLING, 403);
        Instant called = Instant.now();
        for (OperatorClient each : List.of(first, second)) {
            JsonObject task = soon(
                    () -> listed(each, ofHuman(human)).get(0),
                    found -> JsonNumber.of(3).equals(found.get("calls"))
                            && JsonNumber.of(1).equals(found.get("denied")));
            assertThat(Duration.between(called, Instant.now())).isLessThan(Patience.of(Duration.ofSeconds(4)));
            assertThat(task.members().keySet())
                    .containsExactlyInAnyOrder(
                            "task",
                            "state",
                            "template",
                            "human",
                            "agent",
                            "started",
                            "expires",
                            "last",
                            "calls",
                            "denied",
                            "used",
                            "interrupted_by",
                            "waiting");
            assertThat(task.string("task")).isEqualTo(agent.task());
            assertThat(task.string("state")).isEqualTo("active");
            assertThat(task.string("template")).isEqualTo("ten");
            assertThat(task.object("human").string("sub")).isEqualTo(human.subject());
            assertThat(task.string("agent")).isEqualTo(TestWorkloads.RELEASE_BOT);
            assertThat(task.object("last").string("outcome")).isEqualTo("deny");
            assertThat(task.object("last").string("code")).isEqualTo("constraint-violated");
            assertThat(task.object("last").string("operation")).isEqualTo("vault:kv.read");
            assertThat(task.get("used")).isEqualTo(new JsonNumber("0.3"));
            assertThat(task.get("interrupted_by")).isEqualTo(JsonNull.NULL);
        }
    }

    @Test
    void tasks_pageByPage_areTheNewestFirst_andEachOnce() {
        TestHuman human = human();
        List<String> started = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            started.add(0, explore(i % 2 == 0 ? one : two, human).task());
        }
        List<String> found = new ArrayList<>();
        String cursor = "";
        int pages = 0;
        do {
            JsonObject page = (pages++ % 2 == 0 ? first : second)
                    .json("/tasks?limit=2&" + ofHuman(human) + (cursor.isEmpty() ? "" : "&cursor=" + cursor));
            objects(page, "tasks").forEach(task -> found.add(task.string("task")));
            cursor = page.string("cursor");
        } while (cursor != null);
        assertThat(found).isEqualTo(started);
        assertThat(pages).isEqualTo(3);
    }

    @Test
    void tasks_byFilters_areThoseThatAllOfThemMean() throws Exception {
        TestHuman human = human();
        TestAgent near = Templates.started(one, human, WORKLOADS, "ten");
        TestAgent other = explore(two, human);
        TestAgent ended = explore(two, human);
        for (int i = 0; i < 9; i++) {
            call(near, i % 2 == 0 ? one : two, TestAgent.READ, 200);
        }
        call(other, one, TestAgent.READ, 200);
        assertThat(second.post("/tasks/" + ended.task() + "/interrupt", "{\"why\":\"over\"}")
                        .statusCode())
                .isEqualTo(200);
        String by = ofHuman(human);
        soon(() -> listed(second, by + "&near=0.8"), found -> found.size() == 1);
        assertThat(names(first, by + "&near=0.8")).containsExactly(near.task());
        assertThat(names(first, by + "&template=ten")).containsExactly(near.task());
        assertThat(names(first, by + "&state=interrupted")).containsExactly(ended.task());
        assertThat(names(first, by + "&state=active")).containsExactlyInAnyOrder(near.task(), other.task());
        assertThat(names(first, "human=" + encoded(human.issuer() + " " + human.subject())))
                .hasSize(3);
        assertThat(names(first, "human=" + encoded("https://other.example " + human.subject())))
                .isEmpty();
        assertThat(names(second, by + "&agent=" + encoded(TestWorkloads.RELEASE_BOT)))
                .hasSize(3);
        assertThat(names(second, by + "&agent=nobody")).isEmpty();
        assertThat(listed(second, by + "&state=interrupted").get(0).string("interrupted_by"))
                .isEqualTo("operator:operator");
    }

    private static List<String> names(OperatorClient operator, String query) {
        return listed(operator, query).stream().map(task -> task.string("task")).toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/tasks?colour=red",
                "/tasks?limit=0",
                "/tasks?limit=1001",
                "/tasks?limit=x",
                "/tasks?state=running",
                "/tasks?near=2",
                "/tasks?near=x",
                "/tasks?cursor=x",
                "/tasks?template=a&template=b",
                "/tasks?human=",
                "/tasks/t-1?x=y",
                "/decisions?x=y",
                "/decisions?since=yesterday",
                "/decisions?until=%2B999999999-12-31T23:59:59Z",
                "/decisions?since=-999999999-01-01T00:00:00Z",
                "/decisions?outcome=maybe",
                "/decisions?limit=1001",
                "/decisions?wait=20",
                "/decisions?wait=0s",
                "/decisions?wait=31s",
                "/decisions?wait=99999999999s",
                "/decisions?cursor=e30x",
                "/replicas?x=y",
                "/locks?x=y"
            })
    void questions_thatAreNotAsTheyMustBe_are400(String path) {
        assertThat(first.get(path).statusCode()).isEqualTo(400);
    }

    @Test
    void taskThatIsOver_leavesTheListWithinAMinute() throws Exception {
        TestHuman human = human();
        TestAgent agent = explore(one, human);
        call(agent, two, TestAgent.READ, 200);
        agent.end(two);
        assertThat(soon(
                                () -> listed(first, ofHuman(human)),
                                found -> !found.get(0).string("state").equals("active"))
                        .get(0)
                        .string("state"))
                .isEqualTo("completed");
        call(agent, one, TestAgent.READ, 401);
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!listed(second, ofHuman(human)).isEmpty()) {
            assertThat(System.nanoTime() - deadline).isNegative();
            // Its 30 seconds are over: TaskIndexContract holds that they are waited for.
            redis.command("EVAL", """
                    for shard = 0, 7 do
                      local leaving = '{errand:x:' .. shard .. '}x'
                      for _, member in ipairs(redis.call('ZRANGE', leaving, 0, -1)) do
                        if string.find(member, ARGV[1], 1, true) then redis.call('ZADD', leaving, 'XX', 1, member) end
                      end
                    end
                    """, "0", agent.task());
            TimeUnit.MILLISECONDS.sleep(500);
        }
    }

    @Test
    void task_isToldFromTheLogsOfBoth() throws Exception {
        TestAgent agent = explore(one, human());
        call(agent, one, TestAgent.READ, 200);
        call(agent, two, TestAgent.READ, 200);
        call(agent, two, BILLING, 403);
        for (OperatorClient each : List.of(first, second)) {
            JsonObject task = soon(
                    () -> each.json("/tasks/" + agent.task()),
                    found -> objects(found, "calls").size() == 3);
            assertThat(task.string("state")).isEqualTo("active");
            assertThat(strings(task, "missing")).isEmpty();
        }
        HttpResponse<String> unknown = first.get("/tasks/t-unknown");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(strings(TestAgent.json(unknown.body()), "missing")).isEmpty();
    }

    @Test
    void decision_ofOne_isToldAlikeByTheOther() {
        TestAgent agent = explore(one, human());
        String decision = TestAgent.json(agent.get(one, BILLING).body()).string("decision");
        JsonObject own = first.json("/decisions/" + decision);
        JsonObject others = second.json("/decisions/" + decision);
        assertThat(others.object("record")).isEqualTo(own.object("record"));
        assertThat(others.object("explanation")).isEqualTo(own.object("explanation"));
        assertThat(strings(others, "missing")).isEmpty();
        assertThat(second.get("/decisions/d-unknown").statusCode()).isEqualTo(404);
    }

    @Test
    void decisions_ofBothLogs_areTheNewestFirst_pageByPage() throws Exception {
        TestHuman human = human();
        TestAgent agent = explore(one, human);
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            HttpResponse<String> answer = agent.get(i % 3 == 0 ? two : one, i % 2 == 0 ? TestAgent.READ : BILLING);
            made.add(0, answer.headers().firstValue("Errand-Decision").orElseThrow());
        }
        String by = ofHuman(human);
        soon(() -> objects(first.json("/decisions?" + by), "decisions"), found -> found.size() == 7);
        List<String> found = new ArrayList<>();
        String cursor = null;
        do {
            JsonObject page = (found.size() % 2 == 0 ? first : second)
                    .json("/decisions?limit=3&" + by + (cursor == null ? "" : "&cursor=" + cursor));
            assertThat(strings(page, "missing")).isEmpty();
            objects(page, "decisions").forEach(record -> found.add(record.string("decision")));
            cursor = page.string("cursor");
        } while (cursor != null);
        assertThat(found).isEqualTo(made);
        assertThat(objects(second.json("/decisions?outcome=deny&" + by), "decisions"))
                .hasSize(3);
        assertThat(objects(
                        second.json(
                                "/decisions?task=" + agent.task() + "&resource=" + encoded("secret/docs/billing/a")),
                        "decisions"))
                .hasSize(3);
        JsonObject none = first.json("/decisions?until=2020-01-01T00:00:00Z&" + by);
        assertThat(objects(none, "decisions")).isEmpty();
        assertThat(none.members()).as("no replica is missing").containsOnlyKeys("decisions", "cursor", "missing");
        for (String wait : List.of("", "&wait=20s")) {
            assertThat(objects(
                            first.json("/decisions?resource=" + encoded("secret/docs/billing/*") + "&" + by + wait),
                            "decisions"))
                    .hasSize(3);
            assertThat(objects(
                            second.json("/decisions?resource=" + encoded("secret/docs/*") + "&" + by + wait),
                            "decisions"))
                    .hasSize(7);
            assertThat(objects(
                            second.json("/decisions?resource=" + encoded("secret/docs/b*c") + "&" + by + wait),
                            "decisions"))
                    .isEmpty();
        }
    }

    @Test
    void replicas_findEachOther() throws Exception {
        List<JsonObject> replicas =
                soon(() -> objects(first.json("/replicas"), "replicas"), found -> found.size() == 2);
        assertThat(objects(second.json("/replicas"), "replicas"))
                .extracting(replica -> replica.string("instance"))
                .containsExactlyElementsOf(replicas.stream()
                        .map(replica -> replica.string("instance"))
                        .toList());
        assertThat(new HashSet<>(
                        replicas.stream().map(replica -> replica.string("url")).toList()))
                .containsExactlyInAnyOrder(
                        "http://127.0.0.1:" + one.managementPort(), "http://127.0.0.1:" + two.managementPort());
        for (JsonObject replica : replicas) {
            assertThat(replica.string("state")).isEqualTo("up");
            assertThat(replica.string("mode")).isEqualTo("enforce");
            assertThat(replica.string("revision")).startsWith("sha-256:");
            assertThat(replica.string("build")).isNotEmpty();
            assertThat(Instant.parse(replica.string("since"))).isBefore(Instant.now());
            assertThat(first.delete("/replicas/" + replica.string("instance")).statusCode())
                    .as("one that runs")
                    .isEqualTo(409);
        }
        assertThat(first.delete("/replicas/g-unknown").statusCode()).isEqualTo(404);
    }

    @Test
    void interruptMany_endsWhatItMeans_andRefusesItsStartsWhileItIsLocked() throws Exception {
        TestHuman human = human();
        TestHuman spared = human();
        TestAgent inIndex = explore(one, human);
        TestAgent called = explore(two, human);
        TestAgent other = explore(one, spared);
        call(called, one, TestAgent.READ, 200);
        String selector = "{\"iss\":\"" + human.issuer() + "\",\"sub\":\"" + human.subject() + "\"}";
        HttpResponse<String> answer = first.post(
                "/tasks/interrupt", "{\"human\":" + selector + ",\"why\":\"stolen laptop\",\"lock\":\"15m\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(TestAgent.json(answer.body()).get("ended")).isEqualTo(JsonNumber.of(2));
        assertThat(TestAgent.json(answer.body()).get("ending")).isEqualTo(JsonNumber.of(0));
        HttpResponse<String> again =
                first.post("/tasks/interrupt", "{\"human\":" + selector + ",\"why\":\"once more\"}");
        assertThat(TestAgent.json(again.body()).get("ended")).isEqualTo(JsonNumber.of(0));
        JsonObject lock = TestAgent.json(answer.body()).object("lock");
        assertThat(Instant.parse(lock.string("until"))).isAfter(Instant.now().plusSeconds(800));
        for (TestAgent each : List.of(inIndex, called)) {
            HttpResponse<String> refused = each.get(two, TestAgent.READ);
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.body())
                    .contains("task-ended", "ended by an operator")
                    .doesNotContain("stolen laptop");
        }
        call(other, two, TestAgent.READ, 200);
        assertThatThrownBy(() -> explore(two, human)).hasMessageContaining("access_denied");
        explore(two, spared);
        JsonObject listed = objects(second.json("/locks"), "locks").stream()
                .filter(each -> lock.string("id").equals(each.string("id")))
                .findFirst()
                .orElseThrow();
        assertThat(listed.string("by")).isEqualTo("operator:operator");
        assertThat(listed.string("why")).isEqualTo("stolen laptop");
        assertThat(listed.object("human").string("sub")).isEqualTo(human.subject());
        assertThat(second.delete("/locks/" + lock.string("id")).statusCode()).isEqualTo(204);
        assertThat(second.delete("/locks/" + lock.string("id")).statusCode()).isEqualTo(404);
        call(explore(one, human), two, TestAgent.READ, 200);
        assertThat(one.records())
                .anyMatch(line -> line.contains("interrupt-many") && line.contains("stolen laptop"))
                .anyMatch(line -> line.startsWith("{\"kind\":\"end") && line.contains(called.task()));
        assertThat(two.records()).anyMatch(line -> line.contains("\"action\":\"unlock\""));
    }

    @Test
    void interruptMany_withoutALock_leavesLaterTasksAlone() {
        TestHuman human = human();
        explore(one, human);
        String selector = "{\"iss\":\"" + human.issuer() + "\",\"sub\":\"" + human.subject() + "\"}";
        HttpResponse<String> answer =
                second.post("/tasks/interrupt", "{\"human\":" + selector + ",\"why\":\"x\",\"tell\":true}");
        assertThat(TestAgent.json(answer.body()).get("lock")).isEqualTo(JsonNull.NULL);
        TestAgent later = explore(two, human);
        for (int i = 0; i < 3; i++) {
            call(later, one, TestAgent.READ, 200);
            call(later, two, TestAgent.READ, 200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"why\":\"x\"}",
                "{\"all\":false,\"why\":\"x\"}",
                "{\"template\":\"explore\"}",
                "{\"template\":\"explore\",\"why\":\"x\",\"lock\":\"15\"}",
                "{\"template\":\"explore\",\"why\":\"x\",\"lock\":\"-1m\"}",
                "{\"template\":\"explore\",\"why\":\"x\",\"lock\":\"400d\"}",
                "{\"template\":\"explore\",\"why\":\"x\",\"colour\":\"red\"}",
                "{\"human\":{\"sub\":\"a\"},\"why\":\"x\"}",
                "not json"
            })
    void interruptMany_anOrderThatIsNone_is400(String body) {
        assertThat(first.post("/tasks/interrupt", body).statusCode()).isEqualTo(400);
    }

    /** The lock may have been written all the same: the log names who asked for it. */
    @Test
    void interruptMany_whileTheStoreTakesNoLock_isRecorded() throws Exception {
        try (RedisClient client = RedisClient.create(redis.url());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            connection.sync().aclSetuser("default", AclSetuserArgs.Builder.removeCommand(CommandType.HSET));
            HttpResponse<String> answer;
            try {
                answer = first.post(
                        "/tasks/interrupt", "{\"template\":\"none\",\"why\":\"while it is away\",\"lock\":\"1m\"}");
            } finally {
                connection.sync().aclSetuser("default", AclSetuserArgs.Builder.addCommand(CommandType.HSET));
            }
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        }
        assertThat(one.records())
                .anyMatch(line -> line.contains("interrupt-many")
                        && line.contains("while it is away")
                        && line.contains("\\\"set\\\":\\\"unknown\\\""));
    }
}
