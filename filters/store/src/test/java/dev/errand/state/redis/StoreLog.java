package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.DenyReason;
import dev.errand.jose.ProofClaim;
import dev.errand.limit.Bandwidth;
import dev.errand.state.IndexedTask;
import dev.errand.state.KeptAnswer;
import dev.errand.state.LeftCredential;
import dev.errand.state.StateListener;
import dev.errand.state.TaskNote;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.token.Human;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Writes everything that replicas keep into a store whose default user is off, and restarts it on its append-only file.
 * Such a store skips each transaction of that file when it starts (Redis 7 and 8), so there must be none.
 */
public final class StoreLog {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final List<SecretKey> SECRETS = List.of(new SecretKeySpec(new byte[32], "HmacSHA256"));
    private static final Seal SEAL = new MacSeal(() -> SECRETS);
    private static final TaskPolicy POLICY = Tasks.calls(Tasks.policy(), 1000);
    private static final String USER = "errand";
    private static final String PASSWORD = "of-the-tests";

    private final RedisLink link;
    private final RedisTaskStore tasks;

    private StoreLog(RedisLink link) {
        this.link = link;
        this.tasks = new RedisTaskStore(link, TIMEOUT, StateListener.NONE, RecordTerms.of(1, SEAL), ClockSkew.ANY);
    }

    /** The lines of a configuration whose only user that may do anything is {@value #USER}. */
    static String[] hardened(Path directory) throws Exception {
        Path users = directory.resolve("users.acl");
        Files.createDirectories(directory);
        Files.writeString(users, "user default off\nuser " + USER + " on >" + PASSWORD + " ~* &* +@all\n");
        return new String[] {"aclfile \"" + users.toAbsolutePath() + "\"", "appendfsync always"};
    }

    /** A store with {@link #hardened} users; null for the usual program. */
    public static RedisProcess store(@Nullable Path program, Path directory) throws Exception {
        return new RedisProcess(program, directory, hardened(directory)).as(USER, PASSWORD);
    }

    /**
     * Checks that no write is lost.
     *
     * @param program the server's; null for the usual one
     */
    public static void check(@Nullable Path program, Path directory) throws Exception {
        try (RedisProcess redis = store(program, directory.resolve("store"));
                RedisProcess replica = new RedisProcess(
                        program,
                        directory.resolve("replica"),
                        "replicaof 127.0.0.1 " + redis.port(),
                        "masteruser " + USER,
                        "masterauth " + PASSWORD)) {
            RedisProcess.until(
                    "the replica follows",
                    () -> replica.info("replication", "master_link_status").equals("up"));
            RedisLink link = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
            TaskKey running;
            TaskKey ended;
            try {
                assertThat(link.awaitAnswer(TIMEOUT)).isTrue();
                StoreLog log = new StoreLog(link);
                running = log.task();
                ended = log.endedTask();
                log.starts();
                log.index();
                log.others();
            } finally {
                link.close();
            }
            Map<String, String> before = contents(redis);
            boolean wrapsScripts = redis.info("server", "redis_version").startsWith("6.");
            List<String> appended = redis.appended();
            assertThat(transactions(appended))
                    .as("transactions, each with its commands")
                    .allMatch(commands -> wrapsScripts && commands.size() == 1);
            assertThat(appended).contains("HSET", "SET", "ZADD");
            redis.kill();
            redis.start();
            assertThat(redis.log()).doesNotContain("NOPERM");
            assertThat(contents(redis)).isEqualTo(before);

            RedisLink anew = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
            try {
                assertThat(anew.awaitAnswer(TIMEOUT)).isTrue();
                RedisTaskStore store = new StoreLog(anew).tasks;
                assertThat(call(store, ended, Tasks.proof()))
                        .isEqualTo(new TaskOutcome.Ended(TaskState.INTERRUPTED, "why"));
                assertThat(call(store, running, Tasks.proof("used"))).isEqualTo(new TaskOutcome.Replayed());
                TaskOutcome.Permitted next = (TaskOutcome.Permitted) call(store, running, Tasks.proof());
                assertThat(next.progress().budgets().get("calls")).isEqualTo(1000L - 64 - 1);
            } finally {
                anew.close();
            }
        }
    }

    /** The transactions among these commands, each with the commands in it. */
    static List<List<String>> transactions(List<String> commands) {
        List<List<String>> all = new ArrayList<>();
        for (int i = 0; i < commands.size(); i++) {
            if (commands.get(i).equals("MULTI")) {
                int end = i + commands.subList(i, commands.size()).indexOf("EXEC");
                all.add(commands.subList(i + 1, end));
                i = end;
            }
        }
        return all;
    }

    /** Everything in the store that lives for longer than a minute. */
    private static Map<String, String> contents(RedisProcess redis) throws Exception {
        Map<String, String> all = new TreeMap<>();
        for (String key : redis.command("KEYS", "*").split("\n")) {
            long left = Long.parseLong(redis.command("PTTL", key));
            if (left == -1 || left > 60_000) {
                String value = switch (redis.command("TYPE", key)) {
                    case "string" -> redis.command("GET", key);
                    case "hash" -> redis.command("HGETALL", key);
                    case "set" -> redis.command("SMEMBERS", key);
                    default -> redis.command("ZRANGE", key, "0", "-1", "WITHSCORES");
                };
                String[] lines = value.split("\n");
                Arrays.sort(lines);
                all.put(key + (left == -1 ? "" : " expires"), String.join("\n", lines));
            }
        }
        return all;
    }

    private static TaskOutcome call(RedisTaskStore store, TaskKey key, ProofClaim proof) {
        return store.apply(
                        key,
                        POLICY,
                        new TaskStep.Call(
                                Tasks.unique("d"),
                                List.of(Tasks.token("root")),
                                proof,
                                List.of(Tasks.pair("x")),
                                true,
                                0))
                .block();
    }

    private TaskKey started() {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        tasks.apply(key, POLICY, new TaskStep.Start(Tasks.token("root").id(), System.currentTimeMillis() + 900_000))
                .block();
        return key;
    }

    /** A task whose tokens fill parts of its record, with used proofs, a counted denial, and a token that ended. */
    private TaskKey task() throws Exception {
        TaskKey key = started();
        assertThat(call(tasks, key, Tasks.proof("used"))).isInstanceOf(TaskOutcome.Permitted.class);
        for (int i = 0; i < 60; i++) {
            assertThat(tasks.apply(key, POLICY, Tasks.call(List.of(Tasks.token("root"), Tasks.token("c" + i)), "x"))
                            .block())
                    .isInstanceOf(TaskOutcome.Permitted.class);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(call(tasks, key, new ProofClaim(Tasks.unique("gone"), 1, false)))
                    .isInstanceOf(TaskOutcome.Permitted.class);
        }
        ProofClaim denied = new ProofClaim(Tasks.unique("denied"), 90_000, true);
        tasks.apply(
                        key,
                        POLICY,
                        new TaskStep.Refuse(
                                "d", List.of(Tasks.token("root")), denied, DenyReason.NOT_GRANTED, List.of(), 0, 0))
                .block();
        tasks.apply(key, POLICY, new TaskStep.Revoke(Tasks.token("c1").id())).block();
        assertThat(tasks.confirm(key).block()).isTrue();
        return key;
    }

    private TaskKey endedTask() throws Exception {
        TaskKey key = started();
        for (int i = 0; i < UsedProofs.SPARED; i++) {
            call(tasks, key, new ProofClaim(Tasks.unique("gone"), 1, false));
        }
        StoredFields fields = new StoredFields(link);
        RedisProcess.until("marks are removed", () -> fields.names(key).stream().allMatch(name -> name[0] == 'r'));
        tasks.apply(key, POLICY, new TaskStep.Interrupt("why")).block();
        return key;
    }

    private void starts() {
        RedisStartStore starts = new RedisStartStore(link, TIMEOUT, SEAL);
        long until = System.currentTimeMillis() + 900_000;
        Bandwidth limit = Tasks.limit(10, Duration.ofHours(1));
        for (String subject : List.of("s1", "s2")) {
            starts.claimSubject(subject, "r", new KeptAnswer(new byte[] {1}), until)
                    .block();
        }
        starts.unclaimSubject("s2", "r").block();
        starts.claimProof(new ProofClaim("p", 900_000, false)).block();
        for (String task : List.of("t-1", "t-2")) {
            assertThat(starts.admit("who", task, until, 10, limit).block()).isEmpty();
        }
        starts.release("who", "t-1").block();
        starts.giveBack("who", limit).block();
        starts.saveRevision("v1", "text", until).block();
        starts.pinRevision("t-3", "v1", until).block();
    }

    private void index() {
        RedisTaskIndex index = new RedisTaskIndex(link, SEAL);
        List<IndexedTask> entered = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            IndexedTask task = new IndexedTask(
                    Tasks.unique("t-"),
                    "release",
                    new Human("https://idp.example", "alice"),
                    "spiffe://example.org/agent",
                    i,
                    System.currentTimeMillis() + 900_000);
            assertThat(index.enter(task).block()).isTrue();
            entered.add(task);
        }
        TaskNote note = new TaskNote(1, 0, 0, new TaskNote.LastCall(1, "x", null, false), List.of(), List.of("child"));
        for (int i = 0; i < 2; i++) {
            index.write(List.of(new RedisTaskIndex.Change(entered.get(0), List.of("child"), i == 0, "g-1", note)))
                    .block();
        }
        index.over(entered.get(1).task(), TaskState.COMPLETED).block();
        index.endedBy(entered.get(1).task(), "operator:alice").block();
        index.leave(entered.get(2)).block();
        index.sweep(0).block();
    }

    private void others() {
        SealedTable table = new SealedTable(link, SEAL, "locks");
        table.put("one", "text").block();
        table.put("two", "text").block();
        table.remove(List.of("two")).block();
        RedisRequestIndex requests = new RedisRequestIndex(link, TIMEOUT);
        requests.add("r1", 1).block();
        requests.add("r2", 2).block();
        requests.remove("r2").block();
        RedisSessionStore sessions = new RedisSessionStore(link, TIMEOUT, () -> SECRETS);
        sessions.keep("a", new byte[] {1}, Duration.ofHours(1)).block();
        sessions.keep("b", new byte[] {1}, Duration.ofHours(1)).block();
        sessions.remove("b").block();
        sessions.use("c", Duration.ofHours(1)).block();
        RedisStartRequests asked = new RedisStartRequests(link, TIMEOUT, new SecretSeal(() -> SECRETS));
        asked.open("a.one", "a.", 1, 2, 5, 1).block();
        asked.open("a.two", "a.", 1, 2, 5, 1).block();
        asked.swap("k", null, new byte[] {1}, Duration.ofHours(1)).block();
        asked.swap("k", new byte[] {1}, new byte[] {2}, Duration.ofHours(1)).block();
        asked.close("a.one").block();
        RedisLeftCredentials left =
                new RedisLeftCredentials(link, TIMEOUT, new LeftForm(SEAL, new SecretSeal(() -> SECRETS)));
        left.alive("g-1", Duration.ofHours(1)).block();
        for (String id : List.of("a", "b")) {
            left.leave("g-1", new LeftCredential(id, "t-1", "vault", "vault-login", 5, new byte[] {1}))
                    .block();
        }
        left.remove("g-1", "a").block();
        left.takeOn("g-2", "g-1", Duration.ofHours(1)).block();
        left.gone("g-2").block();
        left.forget("g-2").block();
    }
}
