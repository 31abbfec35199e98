package dev.errand.operator;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.autoconfigure.OperatorProperties;
import dev.errand.autoconfigure.OperatorProperties.Role;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The credentials of all operators. The files of tokens are read again every second. Thread-safe; never blocks. */
final class OperatorCredentials implements AutoCloseable {
    private static final Pattern BEARER_JWT =
            Pattern.compile("(?i)Bearer +([A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+)");

    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final List<Held> tokens = new ArrayList<>();
    private final List<ProviderOperator> providers = new ArrayList<>();
    private final Disposable reading;

    private record Held(Operator operator, TokenFile file) {}

    /**
     * Reads the files of the operators.
     *
     * @param unnamed the token of {@link Operator#UNNAMED}; null if there is none
     */
    public OperatorCredentials(ErrandProperties properties, @Nullable OperatorToken unnamed, Clock clock) {
        if (unnamed != null) {
            add(Operator.UNNAMED, properties.file(properties.operator().token()), OperatorToken.KEY, unnamed);
        }
        for (OperatorProperties.Named named : properties.operators()) {
            String file = named.tokenFile();
            if (file == null) {
                providers.add(new ProviderOperator(properties, named, clock));
            } else {
                Path path = properties.file(file);
                Operator operator = new Operator(named.name(), named.role(), null);
                add(operator, path, "errand.operators", OperatorToken.load(path, "errand.operators"));
            }
        }
        reading = Flux.interval(AGAIN, Schedulers.boundedElastic())
                .onBackpressureDrop()
                .subscribe(tick -> tokens.forEach(held -> held.file().read()));
    }

    private void add(Operator operator, Path file, String key, OperatorToken token) {
        tokens.add(new Held(operator, new TokenFile(operator.name(), file, key, token, System::nanoTime)));
    }

    /** Why the content of some files is not in use; empty if that of every file is. */
    public List<String> faults() {
        return tokens.stream().flatMap(held -> held.file().fault().stream()).toList();
    }

    /** The operator whose credential the {@code Authorization} header carries, in the widest role; empty if there is none. */
    Mono<Operator> find(String authorization) {
        Operator found = null;
        for (Held held : tokens) {
            // Every token is compared, so that the duration does not show which one matched.
            if (held.file().isIn(authorization) && found == null) {
                found = held.operator();
            }
        }
        if (found != null) {
            return Mono.just(found);
        }
        String token = jwt(authorization);
        return token == null
                ? Mono.empty()
                : Flux.fromIterable(providers)
                        .concatMap(provider -> provider.find(token))
                        .sort(Comparator.comparing(operator -> operator.role() == Role.OPERATE ? 0 : 1))
                        .next();
    }

    /** The JWT that is sent as a bearer, or null. */
    static @Nullable String jwt(String authorization) {
        var matcher = BEARER_JWT.matcher(authorization.strip());
        return matcher.matches() ? matcher.group(1) : null;
    }

    @Override
    public void close() {
        reading.dispose();
        providers.forEach(ProviderOperator::close);
    }
}
