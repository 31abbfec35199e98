package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.FleetTask;
import dev.errand.state.IndexPage;
import dev.errand.state.IndexQuery;
import dev.errand.state.IndexedTask;
import dev.errand.state.StateListener;
import dev.errand.state.TaskNote;
import dev.errand.state.redis.link.RedisAddress;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.BudgetUse;
import dev.errand.task.TaskState;
import dev.errand.token.Human;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.function.Predicate;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the index of the fleet's tasks promises, on whichever store. */
abstract class TaskIndexContract {
    static final Duration SOON = Duration.ofSeconds(30);
    private static final List<SecretKey> KEYS = List.of(new SecretKeySpec(new byte[32], "HmacSHA256"));
    static final Seal SEAL = new MacSeal(() -> KEYS);
    /** One page of 100 entries, with the members that were looked at. */
    private static final long BYTES_OF_A_PAGE = 60_000;

    private static int tasks;

    RedisLink link;
    RedisTaskIndex index;
    IndexReader reader;

    /** All servers of the store. */
    abstract List<RedisProcess> servers();

    @BeforeEach
    void open() throws InterruptedException {
        RedisAddress address =
                RedisAddress.parse(servers().stream().map(RedisProcess::url).toList());
        link = RedisLink.open(address, Duration.ofSeconds(5), Duration.ofSeconds(5), StateListener.NONE);
        assertThat(link.awaitAnswer(Duration.ofSeconds(20))).isTrue();
        index = new RedisTaskIndex(link, SEAL);
        reader = new IndexReader(link, RecordTerms.of(1, SEAL));
    }

    @AfterEach
    void close() {
        link.close();
    }

    static IndexedTask task(String human, String template, long startedMillis) {
        return new IndexedTask(
                "t-" + template + "-" + tasks++,
                template,
                new Human("https://idp.example", human),
                "spiffe://example.org/agent",
                startedMillis,
                System.currentTimeMillis() + Duration.ofHours(1).toMillis());
    }

    static IndexQuery query(
            @Nullable String template,
            @Nullable String human,
            int limit,
            @Nullable String below,
            Predicate<FleetTask> further) {
        return new IndexQuery(template, human, null, further, limit, below, 5_000);
    }

    private IndexPage page(IndexQuery query) {
        return reader.page(query).block(SOON);
    }

    private static TaskNote note(long permitted, long at, double used) {
        return new TaskNote(
                permitted,
                1,
                2,
                new TaskNote.LastCall(at, "vault:kv.read", null, false),
                List.of(new BudgetUse(used, 0)),
                List.of("child"));
    }

    @Test
    void pages_areTheNewestStartFirst_andEachTaskOnce() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 57; i++) {
            // Several of one millisecond.
            IndexedTask task = task("pages", "pages", 1_000_000 + i / 3);
            assertThat(index.enter(task).block(SOON)).isTrue();
            names.add(0, task.member());
        }
        names.sort(Comparator.reverseOrder());
        List<String> found = new ArrayList<>();
        String below = null;
        do {
            IndexPage page = page(query(null, "pages", 10, below, task -> true));
            page.tasks().forEach(task -> found.add(task.facts().member()));
            below = page.below();
        } while (below != null);
        assertThat(found).isEqualTo(names);
    }

    @Test
    void notes_ofReplicas_addUp_andTheNewestTellsHowFullBudgetsAre() {
        IndexedTask task = task("notes", "notes", 5);
        index.enter(task).block(SOON);
        long now = System.currentTimeMillis();
        index.write(List.of(
                        new RedisTaskIndex.Change(task, List.of("child"), true, "g-1", note(3, now - 50, 0.9)),
                        new RedisTaskIndex.Change(task, List.of(), false, "g-2", note(4, now, 0.5))))
                .block(SOON);
        FleetTask found = page(query(null, "https://idp.example notes", 10, null, each -> true))
                .tasks()
                .get(0);
        assertThat(found.permitted()).isEqualTo(7);
        assertThat(found.denied()).isEqualTo(2);
        assertThat(found.used(now)).isEqualTo(0.5);
        assertThat(found.last().timeMillis()).isEqualTo(now);
        assertThat(found.holders()).containsExactly("spiffe://example.org/agent", "child");
        assertThat(index.notes(List.of(task.task(), "t-none"), "g-1")
                        .block(SOON)
                        .get(0))
                .hasValueSatisfying(note -> assertThat(note.permitted()).isEqualTo(3));
        IndexQuery byChild = new IndexQuery(null, null, "child", each -> true, 10, null, 1_000);
        assertThat(page(byChild).tasks()).hasSize(1);
    }

    @Test
    void change_ofATaskThatNobodyEntered_entersIt() {
        IndexedTask task = task("foreign", "foreign", 7);
        index.write(List.of(new RedisTaskIndex.Change(task, List.of(), true, "g-1", note(1, 1, 0))))
                .block(SOON);
        assertThat(page(query("foreign", null, 10, null, each -> true)).tasks())
                .singleElement()
                .satisfies(found -> assertThat(found.facts()).isEqualTo(task));
    }

    @Test
    void index_thatIsFull_takesNoMore_andKeepsWhatItHas() {
        RedisTaskIndex small = new RedisTaskIndex(link, SEAL, 1);
        // One of a shard, so that a ninth finds its shard full; other tests' tasks count as well.
        List<Boolean> entered = new ArrayList<>();
        IndexedTask first = task("full", "full", 1);
        entered.add(small.enter(first).block(SOON));
        for (int i = 0; i < 40; i++) {
            entered.add(small.enter(task("full", "full", 1)).block(SOON));
        }
        assertThat(entered).filteredOn(each -> each).hasSizeLessThanOrEqualTo(FleetKeys.SHARDS);
        assertThat(entered).contains(false);
    }

    @Test
    void taskThatIsOver_isCountedSo_andLeaves() {
        IndexCounts before = index.counts().block(SOON);
        IndexedTask ended = task("over", "over", 1);
        IndexedTask expired = new IndexedTask(
                "t-expired-" + tasks++,
                "over",
                new Human("https://idp.example", "over"),
                null,
                1,
                System.currentTimeMillis() - 29_000);
        index.enter(ended).block(SOON);
        index.enter(expired).block(SOON);
        index.over(ended.task(), TaskState.INTERRUPTED).block(SOON);
        index.endedBy(ended.task(), "operator:alice").block(SOON);
        IndexCounts after = index.counts().block(SOON);
        assertThat(after.interrupted() - before.interrupted()).isEqualTo(1);
        assertThat(after.expired() - before.expired()).isEqualTo(1);
        assertThat(after.active()).isEqualTo(before.active());
        assertThat(page(query("over", null, 10, null, each -> true)).tasks()).hasSize(2);
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (page(query("over", null, 10, null, each -> true)).tasks().size() > 1) {
            assertThat(System.nanoTime() - deadline).isNegative();
            for (int shard = 0; shard < RedisTaskIndex.shards(); shard++) {
                index.sweep(shard).block(SOON);
            }
        }
        assertThat(page(query("over", null, 10, null, each -> true))
                        .tasks()
                        .get(0)
                        .facts())
                .isEqualTo(ended);
        index.leave(ended).block(SOON);
        assertThat(page(query("over", null, 10, null, each -> true)).tasks()).isEmpty();
        assertThat(reader.task(ended.task()).block(SOON)).isEmpty();
    }

    @Test
    void entry_ofSomebodyWithoutTheStateKey_isNotThere() {
        IndexedTask forged = task("forged", "forged", 1);
        new RedisTaskIndex(link, Seal.NONE).enter(forged).block(SOON);
        assertThat(page(query("forged", null, 10, null, each -> true)).tasks()).isEmpty();
    }

    @Test
    void page_thatLooksForLong_endsWithWhatItFoundAndACursor() {
        List<RedisTaskIndex.Change> many = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            many.add(new RedisTaskIndex.Change(task("long", "long", 10_000 + i), List.of(), true, null, null));
        }
        index.write(many).block(SOON);
        IndexQuery never = new IndexQuery("long", null, null, each -> false, 10, null, 1);
        IndexPage page = page(never);
        assertThat(page.tasks()).isEmpty();
        assertThat(page.below()).isNotNull();
    }

    /** {@code -Derrand.fleet.tasks=1000000} for the figure of the documentation. */
    @Test
    void manyTasks_areListedInLessThan100MillisecondsAPage_withoutReadingTheOthers() throws Exception {
        int count = Integer.getInteger("errand.fleet.tasks", 4_000);
        List<RedisTaskIndex.Change> batch = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batch.add(new RedisTaskIndex.Change(
                    task("user:" + i % 20, "many-" + i % 10, 2_000_000_000L + i),
                    List.of(),
                    true,
                    "g-1",
                    note(i, i, 0.1)));
            if (batch.size() == 1_000 || i == count - 1) {
                index.write(batch).block(SOON);
                batch = new ArrayList<>();
            }
        }
        for (IndexQuery first : List.of(
                query(null, null, 100, null, each -> true),
                query("many-3", null, 100, null, each -> true),
                query(null, "user:7", 100, null, each -> true))) {
            List<Long> micros = new ArrayList<>();
            HashSet<String> seen = new HashSet<>();
            String below = null;
            long sentBefore = sent();
            for (int i = 0; i < 100; i++) {
                long began = System.nanoTime();
                IndexPage page = page(new IndexQuery(
                        first.template(), first.human(), first.agent(), first.further(), 100, below, 80));
                micros.add((System.nanoTime() - began) / 1_000);
                page.tasks()
                        .forEach(task ->
                                assertThat(seen.add(task.facts().task())).isTrue());
                below = page.below();
                if (below == null) {
                    break;
                }
            }
            long each = (sent() - sentBefore) / micros.size();
            long[] sorted = micros.stream().mapToLong(one -> one).sorted().toArray();
            System.out.printf(
                    "%d tasks, by template %s human %s: %d pages, p50 %d us, p99 %d us, first %d us, %d bytes each%n",
                    count,
                    first.template(),
                    first.human(),
                    sorted.length,
                    sorted[sorted.length / 2],
                    sorted[sorted.length * 99 / 100],
                    micros.get(0),
                    each);
            // Half of them: a machine that does something else adds to the others.
            assertThat(sorted[(sorted.length - 1) / 2]).isLessThan(100_000);
            // A page that reads all members of the index has 94,000.
            assertThat(each).isLessThan(BYTES_OF_A_PAGE);
        }
        System.out.println("counted: " + index.counts().block(SOON));
    }

    /** How many bytes the servers sent so far. */
    private long sent() throws IOException {
        long sent = 0;
        for (RedisProcess server : servers()) {
            sent += Long.parseLong(server.info("stats", "total_net_output_bytes"));
        }
        return sent;
    }
}
