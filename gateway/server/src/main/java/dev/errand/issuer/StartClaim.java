package dev.errand.issuer;

import dev.errand.state.KeptAnswer;
import dev.errand.state.StartStore;
import dev.errand.state.StartStore.Claim;
import reactor.core.publisher.Mono;

/** The one step by which a start counts, whose task runs already. */
interface StartClaim {
    /**
     * Makes the start count.
     *
     * @param answer the data from which a repeated request gets the same answer
     * @param untilMillis until when they are kept at least, epoch milliseconds
     */
    Mono<Claim> claim(StartedTask started, KeptAnswer answer, long untilMillis);

    /** Takes a start back that counted and that nobody was told of. */
    Mono<Void> undo();

    /** Is told once that the start is recorded. */
    default Mono<Void> recorded() {
        return Mono.empty();
    }

    /** The claim of a human's token, which starts one task. */
    static StartClaim of(StartStore starts, String subjectHash, String requestHash) {
        return new StartClaim() {
            @Override
            public Mono<Claim> claim(StartedTask started, KeptAnswer answer, long untilMillis) {
                return starts.claimSubject(subjectHash, requestHash, answer, untilMillis);
            }

            @Override
            public Mono<Void> undo() {
                return starts.unclaimSubject(subjectHash, requestHash);
            }
        };
    }
}
