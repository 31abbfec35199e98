package dev.errand.trust;

import reactor.core.publisher.Mono;

/** A document that cannot be had. */
public record AwayDocument<T>() implements LiveDocument<T> {
    @Override
    public T current() {
        return null;
    }

    @Override
    public Mono<T> get() {
        return Mono.error(new UnavailableException("away"));
    }

    @Override
    public Mono<T> refresh() {
        return get();
    }

    @Override
    public String fault() {
        return "away";
    }

    @Override
    public void close() {}
}
