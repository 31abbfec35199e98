package dev.errand.issuer;

import dev.errand.denial.StartReason;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** A value, or a refusal instead of it. */
sealed interface Outcome<T> {
    /** The check passed. */
    record Accepted<T>(T value) implements Outcome<T> {}

    /** The check refused the request. */
    record Refused<T>(Refusal refusal) implements Outcome<T> {}

    static <T> Outcome<T> accepted(T value) {
        return new Accepted<>(value);
    }

    static <T> Outcome<T> refused(OauthError error, String description) {
        return new Refused<>(Refusal.of(error, description));
    }

    static <T> Outcome<T> refused(StartReason reason, OauthError error, String description) {
        return new Refused<>(Refusal.of(reason, error, description));
    }

    /** Goes on with the value, or answers with the refusal. */
    default Mono<Answer> then(Function<T, Mono<Answer>> next) {
        return then(next, refusal -> Mono.just(refusal.answer()));
    }

    /** Goes on with the value, or with the refusal. */
    default Mono<Answer> then(Function<T, Mono<Answer>> next, Function<Refusal, Mono<Answer>> otherwise) {
        return this instanceof Accepted<T> accepted
                ? next.apply(accepted.value())
                : otherwise.apply(((Refused<T>) this).refusal());
    }
}
