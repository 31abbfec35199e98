package dev.errand.operator;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads pages one after the other. The stack does not grow with the number of pages. Thread-safe. */
final class Pages {
    private Pages() {}

    /**
     * Reads every page.
     *
     * @param read reads the page below a cursor, the first one below null
     * @param next the cursor of the page that follows; null after the last page
     */
    static <P> Flux<P> each(Function<@Nullable String, Mono<P>> read, Function<P, @Nullable String> next) {
        return Mono.defer(() -> read.apply(null)).expand(page -> {
            String below = next.apply(page);
            return below == null ? Mono.empty() : read.apply(below);
        });
    }
}
