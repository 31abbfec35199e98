package dev.errand.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.state.LeftCredential;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Credentials of several upstreams that are given back, some of which hang. */
class GivingBackTest {
    private static final long HOUR = Duration.ofHours(1).toNanos();
    private static final ProvenanceLog LOG = new ProvenanceLog() {
        @Override
        public Mono<Void> append(ProvenanceRecord record) {
            return Mono.empty();
        }

        @Override
        public boolean isWritable() {
            return true;
        }
    };

    private final List<CredentialListener.Outcome> outcomes = new CopyOnWriteArrayList<>();
    private final MemoryLeft left = new MemoryLeft();
    private final StoredCredentials stored = new StoredCredentials(left, "g-one", Clock.systemUTC(), System::nanoTime);
    private final CountingMinter hanging = new CountingMinter();
    private final CountingMinter sound = new CountingMinter();

    private GivingBack givingBack(int most) {
        return new GivingBack(stored, LOG, outcomes::add, System::nanoTime, most);
    }

    private PendingReturn owed(String upstream, Minter minter, int number) {
        String secret = upstream + "-secret-" + number;
        PendingReturn owed = new PendingReturn(
                "g-one",
                "t-1",
                upstream,
                minter,
                Secret.of(secret.getBytes(StandardCharsets.UTF_8)),
                System.nanoTime() + HOUR,
                0);
        left.leave(
                        "g-one",
                        new LeftCredential(
                                owed.id(),
                                "t-1",
                                upstream,
                                minter.kind(),
                                System.currentTimeMillis() + 3_600_000,
                                secret.getBytes(StandardCharsets.UTF_8)))
                .block();
        return owed;
    }

    @Test
    void upstreamThatHangs_holdsUpNoOther() {
        hanging.beforeTaking = Mono.never();
        GivingBack givingBack = givingBack(50_000);
        for (int i = 0; i < 500; i++) {
            givingBack.owe(owed("hanging", hanging, i));
        }
        long begun = System.nanoTime();
        for (int i = 0; i < 50; i++) {
            givingBack.owe(owed("sound", sound, i));
        }
        await().atMost(Patience.of(Duration.ofMillis(1_500))).until(() -> sound.takenBack.size() == 50);
        System.out.printf("50 given back beside 500 that hang, ms: %d%n", (System.nanoTime() - begun) / 1_000_000);
        assertThat(hanging.takenBack).isEmpty();
        assertThat(givingBack.size()).isEqualTo(500);
    }

    @Test
    void beyondTheBound_theyWaitInTheStore_andAreTakenUpWhenThereIsRoom() {
        hanging.beforeTaking = Mono.never();
        GivingBack givingBack = givingBack(10);
        for (int i = 0; i < 100; i++) {
            givingBack.owe(owed("vault", hanging, i));
        }
        assertThat(givingBack.size()).as("what waits is told, too").isEqualTo(100);
        assertThat(left.size()).isEqualTo(100);
        assertThat(outcomes).doesNotContain(CredentialListener.Outcome.LAPSED);
        assertThat(givingBack.takeUp()).as("there is no room").isEmpty();
        InMemoryTaskStore tasks = new InMemoryTaskStore();
        TaskCredentials credentials = new TaskCredentials(tasks, LOG, stored, givingBack, System::nanoTime);
        TaskCredential vault = new TaskCredential(
                "vault",
                hanging,
                CredentialLifetime.TASK,
                new Minting(new TaskTokens("", Optional::empty, Clock.systemUTC()), credentials));
        OrphanedCredentials orphaned = new OrphanedCredentials(
                stored, givingBack, credentials, () -> Map.of("vault", vault), System::nanoTime);
        hanging.beforeTaking = Mono.empty();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            orphaned.takeUp().block();
            return hanging.takenBack.size() == 100;
        });
        await().until(() -> left.size() == 0 && givingBack.size() == 0);
        assertThat(hanging.takenBack).doesNotHaveDuplicates();
    }
}
