package dev.errand.load.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.errand.state.LiveTasks;
import dev.errand.state.StateListener;
import dev.errand.state.redis.RecordTerms;
import dev.errand.state.redis.RedisTaskStore;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.EmbeddedRedis;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;

/**
 * The state step against a real Redis, beside Bucket4j's own Lettuce proxy manager on the same server: calls a second, what
 * one call asks of Redis by its own {@code INFO commandstats}, processor time, latency. {@code memory N}: bytes per live
 * task.
 */
public final class StateBench {
    private static final String OPERATION = "vault:kv.read";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final TokenAccount ROOT =
            Tasks.bounded("root", 1_000_000_000L, null, Tasks.limit(1_000_000_000, Duration.ofSeconds(1)));
    private static final Pattern CALLS = Pattern.compile("cmdstat_(\\w+):calls=(\\d+),usec=(\\d+)");

    private final StatefulRedisConnection<byte[], byte[]> admin;
    private final List<RedisTaskStore> stores;
    private final Duration each;

    private StateBench(StatefulRedisConnection<byte[], byte[]> admin, List<RedisTaskStore> stores, Duration each) {
        this.admin = admin;
        this.stores = stores;
        this.each = each;
    }

    public static void main(String[] words) throws Exception {
        Path directory = Files.createTempDirectory("errand-state-bench");
        try (EmbeddedRedis redis = EmbeddedRedis.start(directory, 0, false)) {
            RedisClient client = RedisClient.create(redis.address().nodes().get(0));
            List<RedisLink> links = new ArrayList<>();
            List<RedisTaskStore> stores = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                RedisLink link = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
                if (!link.awaitAnswer(TIMEOUT)) {
                    throw new IllegalStateException("no answer from Redis");
                }
                links.add(link);
                stores.add(new RedisTaskStore(link, TIMEOUT, StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY));
            }
            boolean memory = words.length == 2 && words[0].equals("memory");
            Duration each = Duration.ofSeconds(memory || words.length == 0 ? 5 : Integer.parseInt(words[0]));
            StateBench bench = new StateBench(client.connect(ByteArrayCodec.INSTANCE), stores, each);
            System.out.println("Redis " + bench.info("server", "redis_version:(\\S+)"));
            if (memory) {
                bench.memory(Integer.parseInt(words[1]));
            } else {
                bench.all();
            }
            links.forEach(RedisLink::close);
            client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        }
    }

    private void memory(int tasks) {
        long before = Long.parseLong(info("memory", "used_memory:(\\d+)"));
        LiveTasks.make(stores.get(0), tasks);
        long after = Long.parseLong(info("memory", "used_memory:(\\d+)"));
        System.out.println(
                tasks + " live tasks with one call and its proof each: " + (after - before) / tasks + " bytes a task");
    }

    private void all() {
        TaskPolicy limits = Tasks.calls(
                Tasks.operationLimit(
                        Tasks.limits(
                                Tasks.policy(),
                                Tasks.limit(1_000_000_000, Duration.ofSeconds(1)),
                                Tasks.limit(1_000_000_000, Duration.ofHours(1))),
                        OPERATION,
                        Tasks.limit(1_000_000_000, Duration.ofSeconds(1))),
                1_000_000_000L);
        TaskPolicy plan = TaskStepOfCall.policy();
        System.out.println(
                "Errand: 4 buckets, 2 budgets and the proof a call, a command is one script; the last row also a plan"
                        + " and a rule");
        System.out.printf(
                "%-52s %10s %14s %12s %14s %14s %9s %9s%n",
                "", "calls/s", "commands/call", "script µs", "JVM CPU µs", "Redis CPU µs", "p50 µs", "p99 µs");
        errand("1 caller, 1 replica", limits, 1, 1, 1);
        errand("1 caller, 3 replicas in turn", limits, 1, 3, 1);
        errand("64 callers of one task, 1 replica", limits, 1, 1, 64);
        errand("64 callers of one task, 3 replicas", limits, 1, 3, 64);
        errand("64 callers of 64 tasks, 1 replica", limits, 64, 1, 64);
        errand("64 callers of 64 tasks, 3 replicas in turn", limits, 64, 3, 64);
        planned("1 caller, 1 replica, each call moves the plan", plan);
        System.out.println("Bucket4j's Lettuce proxy manager: 1 bucket a call, nothing else");
        bucket4j("1 caller", 1, 1);
        bucket4j("64 callers of one bucket", 1, 64);
        bucket4j("64 callers of 64 buckets", 64, 64);
    }

    private void errand(String name, TaskPolicy policy, int tasks, int replicas, int callers) {
        List<TaskKey> keys = started(policy, tasks);
        measure(
                name,
                callers,
                i -> stores.get(replicas == 1 ? 0 : i / tasks % replicas)
                        .apply(keys.get(i % tasks), policy, Tasks.call(List.of(ROOT), OPERATION))
                        .map(StateBench::permitted));
    }

    private void planned(String name, TaskPolicy policy) {
        TaskKey key = started(policy, 1).get(0);
        measure(name, 1, i -> {
            TaskStep.Call call = Tasks.call(List.of(ROOT), OPERATION);
            return stores.get(0)
                    .apply(key, policy, call)
                    .map(StateBench::permitted)
                    .then(stores.get(0).apply(key, policy, new TaskStep.Settle(call.decision(), true)));
        });
    }

    private List<TaskKey> started(TaskPolicy policy, int tasks) {
        List<TaskKey> keys = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            TaskKey key = new TaskKey(Tasks.unique("t-"));
            stores.get(0)
                    .apply(key, policy, new TaskStep.Start(ROOT.id(), Tasks.FAR_MILLIS))
                    .block();
            keys.add(key);
        }
        return keys;
    }

    private static TaskOutcome permitted(TaskOutcome outcome) {
        if (!(outcome instanceof TaskOutcome.Permitted)) {
            throw new IllegalStateException(outcome.toString());
        }
        return outcome;
    }

    private void bucket4j(String name, int buckets, int callers) {
        BucketConfiguration configuration = BucketConfiguration.builder()
                .addLimit(limit -> limit.capacity(1_000_000_000).refillGreedy(1_000_000_000, Duration.ofSeconds(1)))
                .build();
        var manager = Bucket4jLettuce.casBasedBuilder(admin).build().asAsync();
        List<AsyncBucketProxy> proxies = new ArrayList<>();
        for (int i = 0; i < buckets; i++) {
            byte[] key = Tasks.unique("b-").getBytes(StandardCharsets.US_ASCII);
            proxies.add(manager.builder()
                    .build(key, () -> java.util.concurrent.CompletableFuture.completedFuture(configuration)));
        }
        measure(
                name,
                callers,
                i -> Mono.fromFuture(() -> proxies.get(i % buckets).tryConsume(1)));
    }

    private void measure(String name, int callers, IntFunction<Mono<?>> call) {
        run(callers, each.dividedBy(2), call);
        admin.sync().configResetstat();
        long cpu = cpuNanos();
        double redis = redisCpuSeconds();
        long begin = System.nanoTime();
        long[] nanos = run(callers, each, call);
        double seconds = (System.nanoTime() - begin) / 1e9;
        double jvmMicros = (cpuNanos() - cpu) / 1e3 / nanos.length;
        double redisMicros = (redisCpuSeconds() - redis) * 1e6 / nanos.length;
        Arrays.sort(nanos);
        System.out.printf(
                "%-52s %10.0f %14.2f %12.2f %14.1f %14.1f %9d %9d%n",
                name,
                nanos.length / seconds,
                (double) asked().commands() / nanos.length,
                (double) asked().scriptMicros() / nanos.length,
                jvmMicros,
                redisMicros,
                nanos[nanos.length / 2] / 1000,
                nanos[(int) (nanos.length * 0.99)] / 1000);
    }

    /** Calls, that many at a time, until the time is over: how long each took. */
    private static long[] run(int callers, Duration time, IntFunction<Mono<?>> call) {
        long end = System.nanoTime() + time.toNanos();
        ConcurrentLinkedQueue<Long> took = new ConcurrentLinkedQueue<>();
        Flux.<Integer, Integer>generate(() -> 0, (i, sink) -> next(i, sink, end))
                .flatMap(
                        i -> {
                            long begin = System.nanoTime();
                            return call.apply(i).doOnSuccess(done -> took.add(System.nanoTime() - begin));
                        },
                        callers)
                .blockLast();
        return took.stream().mapToLong(Long::longValue).toArray();
    }

    private static int next(int i, SynchronousSink<Integer> sink, long end) {
        if (System.nanoTime() - end > 0) {
            sink.complete();
        } else {
            sink.next(i);
        }
        return i + 1;
    }

    /**
     * What was asked of Redis.
     *
     * @param commands on data that clients sent: our scripts, or the proxy manager's GETs and scripts, each of which does
     *     a GET
     * @param scriptMicros the time that scripts took in all
     */
    private record Asked(long commands, long scriptMicros) {}

    private Asked asked() {
        long scripts = 0;
        long scriptMicros = 0;
        long gets = 0;
        boolean ours = false;
        Matcher matcher = CALLS.matcher(admin.sync().info("commandstats"));
        while (matcher.find()) {
            long calls = Long.parseLong(matcher.group(2));
            switch (matcher.group(1)) {
                case "eval", "evalsha" -> {
                    scripts += calls;
                    scriptMicros += Long.parseLong(matcher.group(3));
                }
                case "get" -> gets += calls;
                case "hmget", "getrange" -> ours = true;
                default -> {}
            }
        }
        return new Asked(ours ? scripts : gets, scriptMicros);
    }

    private double redisCpuSeconds() {
        return Double.parseDouble(info("cpu", "used_cpu_user:(\\S+)"))
                + Double.parseDouble(info("cpu", "used_cpu_sys:(\\S+)"));
    }

    private String info(String section, String field) {
        Matcher matcher = Pattern.compile(field).matcher(admin.sync().info(section));
        if (!matcher.find()) {
            throw new IllegalStateException("no " + field);
        }
        return matcher.group(1);
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
