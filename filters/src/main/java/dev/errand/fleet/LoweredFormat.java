package dev.errand.fleet;

import dev.errand.policy.GoverningPolicies;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.state.redis.fleet.FormatReader;
import dev.errand.state.redis.fleet.RedisTaskIndex;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.task.record.TaskFormat;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Prepares the way back to an older build. While a replica writes an older format than the newest, this looks through
 * the index of live tasks and rewrites records of a newer format, even of tasks that make no call. It looks at 2,000
 * tasks a second at most and writes 500 of them at most, each by compare-and-set like any other step. A record that the
 * older format cannot hold stays unchanged, and is counted. It works in the background until it is closed. If the store
 * was unavailable, it begins again when the store is back. Thread-safe.
 */
public final class LoweredFormat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LoweredFormat.class);

    private static final int LOOKED_AT_ONCE = 200;
    private static final int WRITTEN_AT_ONCE = 8;
    private static final Duration BETWEEN_PAGES = Duration.ofMillis(100);
    private static final Duration FOR_EACH_WRITTEN = Duration.ofMillis(2);
    private static final Duration WHILE_SOME_ARE_LEFT = Duration.ofSeconds(5);
    private static final Duration WHILE_NONE_IS_LEFT = Duration.ofMinutes(1);

    private final FormatReader reader;
    private final TaskStore tasks;
    private final int format;
    private final Disposable.Swap working = Disposables.swap();
    private volatile @Nullable Left left;

    /** @param format the format that this replica writes */
    public LoweredFormat(FormatReader reader, TaskStore tasks, int format) {
        this.reader = reader;
        this.tasks = tasks;
        this.format = format;
    }

    /**
     * What the last complete pass through the index left in a newer format.
     *
     * @param records the number of records
     * @param unfit how many of them the older format cannot hold
     */
    public record Left(long records, long unfit) {}

    /** Whether there is a newer format than the one that this replica writes. */
    public boolean isLowered() {
        return format < TaskFormat.NEWEST;
    }

    /** The result of the last complete pass; null until the first one is over. */
    public @Nullable Left left() {
        return left;
    }

    /** Starts the work in the background, if the format is lowered. */
    public void start() {
        if (isLowered()) {
            working.update(Mono.defer(this::pass)
                    .onErrorResume(e -> {
                        if (!(e instanceof StoreUnavailableException)) {
                            LOG.warn("the records of newer formats could not be looked for: {}", e.toString());
                        }
                        return Mono.empty();
                    })
                    .then(Mono.defer(() -> Mono.delay(pause())))
                    .repeat()
                    .subscribe());
        }
    }

    private Duration pause() {
        Left last = left;
        return last != null && last.records() == 0 ? WHILE_NONE_IS_LEFT : WHILE_SOME_ARE_LEFT;
    }

    /** One pass through the whole index. Replicas begin at different shards, so that they share the work. */
    private Mono<Void> pass() {
        int first = ThreadLocalRandom.current().nextInt(RedisTaskIndex.shards());
        return Flux.range(first, RedisTaskIndex.shards())
                .concatMap(shard -> shard(shard % RedisTaskIndex.shards()), 1)
                .reduce(new Left(0, 0), LoweredFormat::sum)
                .doOnNext(this::tell)
                .then();
    }

    private static Left sum(Left one, Left other) {
        return new Left(one.records() + other.records(), one.unfit() + other.unfit());
    }

    private Flux<Left> shard(int shard) {
        return page(shard, null)
                .expand(page -> page.next() == null ? Mono.empty() : page(shard, page.next()))
                .map(Written::left);
    }

    /** The result of a page, and where the next page begins. */
    private record Written(Left left, @Nullable String next) {}

    private Mono<Written> page(int shard, @Nullable String behind) {
        return reader.page(shard, behind, LOOKED_AT_ONCE).flatMap(page -> {
            List<FormatReader.Stored> newer = page.tasks().stream()
                    .filter(stored -> stored.format() > format)
                    .toList();
            Duration rest = FOR_EACH_WRITTEN.multipliedBy(newer.size());
            return Flux.fromIterable(newer)
                    .flatMap(this::write, WRITTEN_AT_ONCE)
                    .reduce(new Left(0, 0), LoweredFormat::sum)
                    .map(sum -> new Written(sum, page.next()))
                    .delayElement(rest.compareTo(BETWEEN_PAGES) > 0 ? rest : BETWEEN_PAGES);
        });
    }

    private Mono<Left> write(FormatReader.Stored stored) {
        return tasks.apply(new TaskKey(stored.task()), GoverningPolicies.UNTEMPLATED, new TaskStep.Reformat(format))
                .map(outcome -> outcome instanceof TaskOutcome.Reformatted written && written.fits()
                        ? new Left(0, 0)
                        : new Left(1, 1))
                .onErrorResume(e -> {
                    LOG.debug("the record of {} was not written anew: {}", stored.task(), e.toString());
                    return Mono.just(new Left(1, 0));
                });
    }

    private void tell(Left now) {
        Left before = left;
        left = now;
        if (now.equals(before)) {
            return;
        }
        if (now.records() == 0) {
            LOG.info("no live task has a record of a newer format than {}", format);
        } else {
            LOG.warn(
                    "{} live tasks have a record of a newer format than {}; {} of them have what that format cannot hold,"
                            + " such as an open approval, and keep it until it or the task ends",
                    now.records(),
                    format,
                    now.unfit());
        }
    }

    @Override
    public void close() {
        working.dispose();
    }
}
