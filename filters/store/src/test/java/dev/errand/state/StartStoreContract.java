package dev.errand.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.ProofClaim;
import dev.errand.limit.Bandwidth;
import dev.errand.state.StartStore.Claim;
import dev.errand.task.Tasks;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** What every store of the token endpoint must do. */
public abstract class StartStoreContract {
    private final long soon = System.currentTimeMillis() + 60_000;

    /** Two replicas on one state. */
    protected abstract List<? extends StartStore> replicas();

    private StartStore one() {
        return replicas().get(0);
    }

    private StartStore other() {
        return replicas().get(1);
    }

    private static KeptAnswer kept(String text) {
        return new KeptAnswer(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void findStart_ofASubject_isWhatWasKept() {
        String subject = Tasks.unique("s");
        assertThat(one().findStart(subject).block()).isEmpty();
        one().claimSubject(subject, "r1", kept("answer"), soon).block();
        assertThat(other().findStart(subject).block()).contains(kept("answer"));
    }

    @Test
    void claimSubject_sameRequestGetsItsResponse_anotherIsTaken() {
        String subject = Tasks.unique("s");
        assertThat(one().findClaim(subject, "r1").block()).isEmpty();
        assertThat(one().claimSubject(subject, "r1", kept("answer\n1"), soon).block())
                .isEqualTo(new Claim.Claimed());
        assertThat(other().claimSubject(subject, "r1", kept("answer 2"), soon).block())
                .isEqualTo(new Claim.Same(kept("answer\n1")));
        assertThat(other().claimSubject(subject, "r2", kept("answer 3"), soon).block())
                .isEqualTo(new Claim.Taken());
        assertThat(other().findClaim(subject, "r1").block()).contains(new Claim.Same(kept("answer\n1")));
        assertThat(other().findClaim(subject, "r2").block()).contains(new Claim.Taken());
    }

    @Test
    void unclaimSubject_byTheRequestThatClaimed_letsTheSubjectStartAgain() {
        String subject = Tasks.unique("s");
        one().unclaimSubject(subject, "r1").block();
        one().claimSubject(subject, "r1", kept("answer"), soon).block();
        other().unclaimSubject(subject, "r2").block();
        assertThat(other().findClaim(subject, "r1").block())
                .as("the claim is another request's")
                .contains(new Claim.Same(kept("answer")));
        one().unclaimSubject(subject, "r1").block();
        assertThat(other().findClaim(subject, "r1").block()).isEmpty();
        assertThat(other().claimSubject(subject, "r2", kept("answer 2"), soon).block())
                .isEqualTo(new Claim.Claimed());
    }

    @Test
    void pinRevision_theFirstDecides() {
        String task = Tasks.unique("f");
        assertThat(one().pinRevision(task, "r1", soon).block()).isEqualTo("r1");
        assertThat(other().pinRevision(task, "r2", soon).block()).isEqualTo("r1");
        assertThat(one().pinRevision(task, "r2", soon).block()).isEqualTo("r1");
        assertThat(other().pinRevision(Tasks.unique("f"), "r2", soon).block()).isEqualTo("r2");
    }

    @Test
    void claimProof_isUsedOnce() {
        ProofClaim proof = Tasks.proof();
        assertThat(one().claimProof(proof).block()).isTrue();
        assertThat(other().claimProof(proof).block()).isFalse();
    }

    @Test
    void admit_racing_admitsNoMoreThanActive() {
        String key = Tasks.unique("a");
        List<Optional<Duration>> answers = Flux.range(0, 16)
                .flatMap(i -> replicas().get(i % 2).admit(key, "t" + i, soon, 4, null), 4)
                .collectList()
                .block();
        assertThat(answers.stream().filter(Optional::isEmpty)).hasSize(4);
        assertThat(answers.stream().flatMap(Optional::stream)).containsOnly(Duration.ZERO);
    }

    @Test
    void release_makesRoom_andARepetitionIsAdmittedAgain() {
        String key = Tasks.unique("a");
        assertThat(one().admit(key, "t1", soon, 1, null).block()).isEmpty();
        assertThat(one().admit(key, "t1", soon, 1, null).block()).isEmpty();
        assertThat(one().admit(key, "t2", soon, 1, null).block()).isPresent();
        other().release(key, "t1").block();
        assertThat(one().admit(key, "t2", soon, 1, null).block()).isEmpty();
    }

    @Test
    void admit_overTheLimit_saysHowLongToWait() {
        String key = Tasks.unique("a");
        Bandwidth hourly = new Bandwidth(1, Duration.ofHours(1), false);
        assertThat(one().admit(key, "t1", soon, null, hourly).block()).isEmpty();
        assertThat(other().admit(key, "t2", soon, null, hourly).block().orElseThrow())
                .isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
    }

    @Test
    void revision_isFoundByAll() {
        String revision = Tasks.unique("sha-256:");
        assertThat(one().findRevision(revision).block()).isEmpty();
        one().saveRevision(revision, "template: é", soon).block();
        one().saveRevision(revision, "template: é", soon + 1000).block();
        assertThat(other().findRevision(revision).block()).contains("template: é");
    }
}
