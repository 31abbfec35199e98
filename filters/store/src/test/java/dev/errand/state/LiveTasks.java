package dev.errand.state;

import dev.errand.limit.Bandwidth;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.token.TokenId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import reactor.core.publisher.Flux;

/** Tasks by which the memory of one is measured: each has made one call, by a root with a bucket and budgets of its own. */
public final class LiveTasks {
    private static final String OPERATION = "vault:kv.read";
    private static final Bandwidth LIMIT = Tasks.limit(40, Duration.ofSeconds(10));
    private static final TaskPolicy POLICY =
            Tasks.operationLimit(Tasks.limits(Tasks.policy(), LIMIT), OPERATION, Tasks.limit(3, Duration.ofMinutes(1)));

    private LiveTasks() {}

    /** Makes that many, in two steps each, 64 at a time. Blocks. */
    public static void make(TaskStore store, int tasks) {
        Flux.range(0, tasks)
                .flatMap(
                        i -> {
                            TaskKey key = new TaskKey(Tasks.unique("t-"));
                            String root = Base64.getUrlEncoder()
                                    .withoutPadding()
                                    .encodeToString(Arrays.copyOf(key.value().getBytes(StandardCharsets.US_ASCII), 32));
                            TaskStep start = new TaskStep.Start(new TokenId(root), Tasks.FAR_MILLIS);
                            TaskStep call = Tasks.call(List.of(Tasks.bounded(root, 200L, 8L, LIMIT)), OPERATION);
                            return store.apply(key, POLICY, start).then(store.apply(key, POLICY, call));
                        },
                        64)
                .blockLast();
    }
}
