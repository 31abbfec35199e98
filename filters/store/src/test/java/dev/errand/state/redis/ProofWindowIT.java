package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.DenyReason;
import dev.errand.jose.DpopVerifier;
import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.ProofClaim;
import dev.errand.jose.TestKeys;
import dev.errand.jose.TestKeys.TestKey;
import dev.errand.state.StateListener;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.EmbeddedRedis;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proof that verifies is never unused again in a real Redis, whatever {@code errand.proof.window} says. */
class ProofWindowIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration WINDOW = Duration.ofMinutes(20);
    private static final String TARGET = "https://gateway.example.org/vault/v1/secret/data/x";
    private static final TestKey KEY = TestKeys.of(JwsAlgorithm.ES256);
    private static EmbeddedRedis redis;
    private static RedisLink link;

    private final DpopVerifier verifier = new DpopVerifier(WINDOW, null);
    private final List<byte[]> keys = new ArrayList<>();
    private long nowMillis;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        redis = EmbeddedRedis.start(directory, 0, false);
        link = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
        assertThat(link.awaitAnswer(TIMEOUT)).isTrue();
    }

    @AfterAll
    static void stop() {
        link.close();
        redis.close();
    }

    @BeforeEach
    void now() {
        nowMillis = System.currentTimeMillis() / 1000 * 1000;
    }

    private static String proof(long issuedAtMillis) {
        return KEY.jws(
                "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":" + KEY.jwk("") + "}",
                "{\"jti\":\"" + Tasks.unique("j") + "\",\"htm\":\"GET\",\"htu\":\"" + TARGET + "\",\"iat\":"
                        + issuedAtMillis / 1000 + "}");
    }

    private DpopVerifier.Result verify(String proof) {
        return verifier.verify(new DpopVerifier.Request(proof, "GET", TARGET, null, null), nowMillis);
    }

    private ProofClaim claim(String proof) {
        return ((DpopVerifier.Result.Accepted) verify(proof)).claim();
    }

    /** Moves the gateway's clock, and lets as much of each key's time in the real server pass. */
    private void pass(Duration time) throws Exception {
        nowMillis += time.toMillis();
        for (byte[] key : keys) {
            long left = left(key);
            if (left > 0) {
                link.ask(commands ->
                                commands.pexpire(key, left - time.toMillis()).toCompletableFuture())
                        .get();
            }
        }
    }

    private static long left(byte[] key) throws Exception {
        return link.ask(commands -> commands.pttl(key).toCompletableFuture()).get();
    }

    private byte[] key(String text) {
        byte[] key = text.getBytes(StandardCharsets.UTF_8);
        keys.add(key);
        return key;
    }

    private static void isTwiceTheWindowAndAMargin(long millis) {
        assertThat(millis).isBetween(2 * WINDOW.toMillis(), 2 * WINDOW.toMillis() + 60_000);
    }

    @Test
    void usedProof_staysUsedAsLongAsItVerifies() throws Exception {
        RedisTaskStore store = new RedisTaskStore(link, TIMEOUT, StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY);
        TaskKey task = new TaskKey(Tasks.unique("t-"));
        store.apply(task, Tasks.policy(), new TaskStep.Start(Tasks.token("root").id(), Tasks.FAR_MILLIS))
                .block();
        String ahead = proof(nowMillis + WINDOW.toMillis());
        assertThat(store.apply(task, Tasks.policy(), call(claim(ahead))).block())
                .isInstanceOf(TaskOutcome.Permitted.class);
        isTwiceTheWindowAndAMargin(mark(task, TaskKeys.used(claim(ahead))));

        for (Duration later : List.of(
                Duration.ofMinutes(11), Duration.ofMinutes(28), Duration.ofSeconds(50), Duration.ofSeconds(9))) {
            pass(later);
            assertThat(store.apply(task, Tasks.policy(), call(claim(ahead))).block())
                    .isInstanceOf(TaskOutcome.Replayed.class);
        }
        pass(Duration.ofSeconds(2));
        assertThat(verify(ahead)).isInstanceOf(DpopVerifier.Result.Refused.class);
    }

    private static TaskStep.Call call(ProofClaim claim) {
        return new TaskStep.Call(
                Tasks.unique("d"), List.of(Tasks.token("root")), claim, List.of(Tasks.pair("x")), true, 0);
    }

    @Test
    void usedStartProof_staysUsedAsLongAsItVerifies() throws Exception {
        RedisStartStore store = new RedisStartStore(link, TIMEOUT, Seal.NONE);
        String ahead = proof(nowMillis + WINDOW.toMillis());
        assertThat(store.claimProof(claim(ahead)).block()).isTrue();
        isTwiceTheWindowAndAMargin(left(key("errand:p:" + claim(ahead).hash())));

        pass(Duration.ofMinutes(39).plusSeconds(59));
        assertThat(store.claimProof(claim(ahead)).block()).isFalse();
    }

    @Test
    void deniedAatProof_isRememberedApartForAsLong() throws Exception {
        RedisTaskStore store = new RedisTaskStore(link, TIMEOUT, StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY);
        TaskKey task = new TaskKey(Tasks.unique("t-"));
        store.apply(task, Tasks.policy(), new TaskStep.Start(Tasks.token("root").id(), Tasks.FAR_MILLIS))
                .block();
        ProofClaim proof =
                new ProofClaim(Tasks.unique("0123456789012345678901234"), ProofClaim.keepMillis(WINDOW), true);
        store.apply(
                        task,
                        Tasks.policy(),
                        new TaskStep.Refuse(
                                "d", List.of(Tasks.token("root")), proof, DenyReason.NOT_GRANTED, List.of(), 0, 0))
                .block();
        isTwiceTheWindowAndAMargin(mark(task, TaskKeys.denied(proof)));
        assertThat(new StoredFields(link).get(task, TaskKeys.used(proof))).isNull();
    }

    /** How long the mark is needed, in milliseconds. */
    private static long mark(TaskKey task, byte[] field) throws Exception {
        byte[] value = new StoredFields(link).get(task, field);
        return 1000L * ByteBuffer.wrap(value).getInt() - System.currentTimeMillis();
    }
}
