package dev.errand.issuer.approval;

import dev.errand.issuer.AskedTasks;
import dev.errand.issuer.AskedTasks.Seen;
import dev.errand.issuer.IssuerSettings;
import dev.errand.state.KeptAnswer;
import dev.errand.state.StartStore;
import dev.errand.task.Approvers;
import dev.errand.template.AllowedStart;
import dev.errand.token.Sha256;
import java.time.Clock;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Mono;

/** Takes the decision of a human who signed in anew to allow a task. Thread-safe, never blocking. */
record StartDecisions(AskedTasks asked, StartStore starts, IssuerSettings settings, Clock clock) {
    /** How much earlier than the sign-in began the provider may say that it happened: their clocks differ. */
    private static final long CLOCKS_MILLIS = 5_000;

    /** What became of a decision. */
    record End(HttpStatus status, NoticePage notice) {}

    /**
     * Allows the task if the human signed in as its template requires, and uses up the token of the sign-in.
     *
     * @param digest what was shown
     * @param begunSeconds when this sign-in began, epoch seconds
     */
    Mono<End> allow(Decider decider, String first, String digest, long begunSeconds) {
        if (decider.digests() != null) {
            return end(HttpStatus.FORBIDDEN, NoticePage.NOT_HERE);
        }
        return asked.see(first, decider.human(), decider.claims()).flatMap(seen -> {
            if (seen.isEmpty()) {
                return end(HttpStatus.NOT_FOUND, NoticePage.NO_TASK);
            }
            if (!seen.get().request().digest().equals(digest)) {
                return end(HttpStatus.CONFLICT, NoticePage.CHANGED_TASK);
            }
            Approvers by = signIn(seen.get());
            boolean signedIn = by.admitsSignIn(
                    decider.claims(),
                    begunSeconds * 1000 - CLOCKS_MILLIS,
                    clock.millis(),
                    settings.leeway().toMillis());
            return signedIn ? used(decider, first, digest) : end(HttpStatus.FORBIDDEN, NoticePage.UNMET);
        });
    }

    /** How the human must sign in to allow a request. */
    static Approvers signIn(Seen seen) {
        AllowedStart allowed = seen.grant().template().admission().allowed();
        return seen.request().isStanding() ? allowed.freshSignIn() : allowed.signIn();
    }

    private Mono<End> used(Decider decider, String first, String digest) {
        return starts.claimSubject(
                        decider.tokenHash(),
                        Sha256.base64UrlOf("allow\n" + first + '\n' + digest),
                        new KeptAnswer(new byte[0]),
                        decider.expiresAtMillis() + settings.leeway().toMillis())
                .flatMap(claim -> claim instanceof StartStore.Claim.Claimed
                        ? asked.decide(first, digest, true, decider.human(), decider.claims())
                                .map(done -> done
                                        ? new End(HttpStatus.OK, NoticePage.ALLOWED)
                                        : new End(HttpStatus.CONFLICT, NoticePage.CHANGED_TASK))
                        : end(HttpStatus.FORBIDDEN, NoticePage.NOT_HERE));
    }

    private static Mono<End> end(HttpStatus status, NoticePage notice) {
        return Mono.just(new End(status, notice));
    }
}
