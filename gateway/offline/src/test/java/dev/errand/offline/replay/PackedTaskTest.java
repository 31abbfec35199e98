package dev.errand.offline.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.offline.replay.RecordedCall.Holder;
import dev.errand.offline.replay.RecordedCall.Pair;
import dev.errand.offline.replay.RecordedTask.CameTo;
import dev.errand.offline.replay.RecordedTask.Decided;
import dev.errand.offline.replay.RecordedTask.Event;
import dev.errand.offline.replay.RecordedTask.Interrupted;
import dev.errand.offline.replay.RecordedTask.Known;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A packed task is the task: whatever its events are, in whatever order they came. */
class PackedTaskTest {
    @Test
    void unpacked_isWhatWasPacked() {
        RandomGenerator random = new SplittableRandom(9);
        PackedTask.Shared shared = new PackedTask.Shared();
        for (int round = 0; round < 300; round++) {
            List<Event> events = new ArrayList<>();
            events.add(new Decided(call(random, "t-" + round)));
            for (int i = random.nextInt(20); i > 0; i--) {
                events.add(event(random, "t-" + round));
            }
            PackedTask packed = new PackedTask("t-" + round, shared);
            events.forEach(packed::add);
            assertThat(packed.unpacked()).isEqualTo(RecordedTask.of("t-" + round, events));
            assertThat(packed.unpacked()).isEqualTo(RecordedTask.of("t-" + round, events));
            assertThat(packed.firstMillis())
                    .isEqualTo(packed.unpacked().events().get(0).timeMillis());
        }
    }

    /** Beyond so many values that repeat, further ones are kept where they stand. */
    @Test
    void values_beyondTheBound_areKeptToo() {
        PackedTask.Shared shared =
                new PackedTask.Shared(new PackedValues<>(20), new PackedValues<>(2), new PackedValues<>(2));
        RandomGenerator random = new SplittableRandom(10);
        PackedTask packed = new PackedTask("t-1", shared);
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            events.add(new Decided(call(random, "t-1")));
        }
        events.forEach(packed::add);
        assertThat(shared.texts().number("one more")).isEqualTo(PackedValues.NONE);
        assertThat(shared.pairs().number(List.of(new Pair("one", "more")))).isEqualTo(PackedValues.NONE);
        assertThat(shared.chains().number(List.of(new Holder("one", "more")))).isEqualTo(PackedValues.NONE);
        assertThat(packed.unpacked()).isEqualTo(RecordedTask.of("t-1", events));
    }

    /** Where every call of a log is alike, each of its parts is there once. */
    @Test
    void parts_thatCallsRepeat_areKeptOnce() {
        PackedTask packed = new PackedTask("t-1", new PackedTask.Shared());
        RecordedCall call = call(new SplittableRandom(11), "t-1");
        packed.add(new Decided(call));
        packed.add(new Decided(call));
        List<RecordedCall> calls = packed.unpacked().calls();
        assertThat(calls).containsExactly(call, call);
        assertThat(calls.get(0).pairs()).isSameAs(calls.get(1).pairs());
        assertThat(calls.get(0).holders()).isSameAs(calls.get(1).holders());
    }

    private static Event event(RandomGenerator random, String task) {
        return switch (random.nextInt(5)) {
            case 0 -> new Interrupted(random.nextLong(2_000_000_000_000L), "why");
            case 1 ->
                new CameTo(
                        text(random),
                        random.nextLong(2_000_000_000_000L),
                        random.nextBoolean() ? null : 200,
                        random.nextBoolean(),
                        random.nextBoolean()
                                ? JsonObject.EMPTY
                                : new JsonObject(Map.of("m:read", new JsonObject(Map.of("s", JsonNull.NULL)))));
            case 2 -> new Known(text(random), random.nextLong(2_000_000_000_000L), random.nextBoolean());
            default -> new Decided(call(random, task));
        };
    }

    private static RecordedCall call(RandomGenerator random, String task) {
        List<Holder> holders = new ArrayList<>();
        List<Pair> pairs = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            holders.add(new Holder(text(random), maybe(random)));
            pairs.add(new Pair(text(random), text(random)));
        }
        return new RecordedCall(
                text(random),
                random.nextLong(2_000_000_000_000L),
                random.nextBoolean(),
                maybe(random),
                maybe(random),
                task,
                text(random),
                text(random),
                maybe(random),
                holders,
                random.nextBoolean() ? pairs : List.of(),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean(),
                maybe(random),
                maybe(random),
                maybe(random),
                random.nextBoolean(),
                random.nextLong(100));
    }

    private static @Nullable String maybe(RandomGenerator random) {
        return random.nextBoolean() ? null : text(random);
    }

    private static String text(RandomGenerator random) {
        return List.of("", "a", "\u00e9 \u202e", "d-", "long ".repeat(60)).get(random.nextInt(5))
                + random.nextInt(1000);
    }
}
