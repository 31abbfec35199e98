package dev.errand.task.record;

import static dev.errand.task.Tasks.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.task.Approvals;
import dev.errand.task.Task;
import dev.errand.task.TaskEpoch;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import dev.errand.task.TokenRecord;
import dev.errand.task.TokenTables;
import dev.errand.task.step.StepBatch;
import dev.errand.token.TokenId;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TaskFormatTest {
    private static final long T0 = 1_795_000_000_000L;
    private static final TaskPolicy POLICY = Tasks.policy();

    private static StepBatch.Applied apply(Task task, TaskStep step) {
        return StepBatch.apply(POLICY, task, List.of(step), T0);
    }

    private static Task started(TokenId root) {
        return apply(null, new TaskStep.Start(root, T0 + 900_000)).next();
    }

    /** Other replicas, of this version or the next, read what this one writes. */
    @Test
    void write_isTheseBytes() {
        byte[] record = Stored.whole(started(new TokenId("A".repeat(42) + "4")), POLICY);
        assertThat(Stored.read(record, POLICY).lists().approvals()).isEqualTo(Approvals.NONE);
        assertThat(HexFormat.of().formatHex(record))
                .isEqualTo(
                        "01" + "00" // format, flags
                                + "4ea2c81489e41c0b" // revision
                                + "01" + "80bcd9f29e34" + "00" + "c0ee6d" // epoch, base, time, expiry
                                + "00" // calls
                                + "0200" + "0200" + "0200" + "0200"
                                + "01" // buckets, sequence, returned, sessions, observation
                                + "01" + "01" + "01" // approvals, values of answers, candidate
                                + "01" + "00" + "01" // tokens, unused ones, near ones
                                + "00" + "00".repeat(31) + "0e" // its id
                                + "00".repeat(5) // its flags, calls, children, levels and denials
                                + "00" // shards
                        );
    }

    @Test
    void formats_takeOnlyTheNumbersThatThereAre() {
        assertThat(TaskFormats.ALL.of(1).number()).isEqualTo(1);
        assertThat(NextFormat.NEXT.newest().number()).isEqualTo(2);
        assertThatThrownBy(() -> TaskFormats.ALL.of(2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'errand.state.format' must be 1, was 2");
        assertThatThrownBy(() -> NextFormat.NEXT.of(0)).hasMessage("'errand.state.format' must be 1 or 2, was 0");
    }

    @Test
    void read_aRecordOfAnUnknownFormat_isRefused_andANextBuildReadsIt() {
        Task task = started(Tasks.token("root").id());
        byte[] record = NextFormat.NEXT.newest().write(task, POLICY, 1).record();
        assertThatThrownBy(() -> Stored.read(record, POLICY)).hasMessageContaining("unknown format 2");
        assertThatThrownBy(() -> TaskFormats.ALL.glance(record, 0)).hasMessageContaining("unknown format 2");
        assertThat(NextFormat.NEXT.read(record, 0, Map.of(), null, POLICY, List.of()))
                .isInstanceOfSatisfying(
                        Reading.Whole.class,
                        read -> assertThat(read.task().root()).isEqualTo(task.root()));
        assertThat(NextFormat.NEXT.glance(record, 0).epoch())
                .isEqualTo(new TaskEpoch(task.baseMillis(), task.steps(), task.timeMillis()));
    }

    @Test
    void write_manyTokens_areReadAsTheyWere() {
        List<TokenAccount> chain = IntStream.range(0, 16)
                .mapToObj(i -> new TokenAccount(TokenId.ofSigningInput(new byte[] {(byte) i}), 9L, null, List.of()))
                .toList();
        Task called = apply(started(chain.get(0).id()), call(chain, "x")).next();
        Task read = Stored.through(called, POLICY, List.of(call(chain, "x")));
        assertThat(TokenTables.ids(read.tokens()))
                .containsExactlyInAnyOrderElementsOf(
                        chain.stream().map(TokenAccount::id).toList());
        Permitted again = (Permitted) apply(read, call(chain, "x")).outcomes().get(0);
        assertThat(again.progress().budgets().asMap()).containsEntry("token:15", 7L);
    }

    /** A token may be charged for some of its limits only, and another version of the gateway for all: each keeps its place. */
    @Test
    void write_levels_areReadInTheirPlaces() {
        List<TokenAccount.Limit> all =
                Tasks.own(Tasks.limit(50, Duration.ofSeconds(100)), Tasks.limit(4, Duration.ofSeconds(100)));
        TokenAccount root = Tasks.token("root");
        TokenAccount inPart = new TokenAccount(new TokenId("leaf"), null, null, all.subList(1, 2));
        TokenAccount whole = new TokenAccount(new TokenId("leaf"), null, null, all);
        Task task = started(root.id());
        long left = 4;
        for (TokenAccount leaf : List.of(inPart, whole, inPart, whole)) {
            StepBatch.Applied applied =
                    apply(Stored.read(Stored.whole(task, POLICY), POLICY), call(List.of(root, leaf), "x"));
            left--;
            assertThat(((Permitted) applied.outcomes().get(0))
                            .progress()
                            .budgets()
                            .get("token:1"))
                    .isEqualTo(left);
            task = applied.next();
        }
        TokenRecord record =
                Stored.read(Stored.whole(task, POLICY), POLICY).tokens().get(whole.id());
        assertThat(record.levels().get(0).tokens()).isEqualTo(48);
        assertThat(record.levels().get(1).tokens()).isZero();
    }

    @Test
    void write_idThatOnlyLooksLikeAHash_isReadAsItWas() {
        String start = "A".repeat(42);
        int hash = written(new TokenId(start + "4"));
        assertThat(written(new TokenId(start + "8"))).isEqualTo(hash);
        // bits left over, another alphabet, padding, not ASCII
        for (String end : List.of("5", "_", "+", "=", "é")) {
            assertThat(written(new TokenId(start + end))).isGreaterThan(hash);
        }
        assertThat(written(new TokenId("+" + start.substring(1) + "4"))).isGreaterThan(hash);
    }

    /** The length of the record of a task of that root alone. */
    private static int written(TokenId root) {
        byte[] record = Stored.whole(started(root), POLICY);
        assertThat(Stored.read(record, POLICY).root()).isEqualTo(root);
        return record.length;
    }

    @Test
    void read_damaged_isRefused() {
        TokenAccount root = Tasks.token("root");
        Task called = apply(started(root.id()), call(List.of(root), "x")).next();
        readDamaged(Stored.whole(called, POLICY));
    }

    private static void readDamaged(byte[] written) {
        for (int length = 0; length < written.length; length++) {
            byte[] torn = Arrays.copyOf(written, length);
            assertThatThrownBy(() -> Stored.read(torn, POLICY)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
