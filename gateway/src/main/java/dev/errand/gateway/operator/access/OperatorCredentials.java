package dev.errand.gateway.operator.access;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.autoconfigure.operator.OperatorProperties;
import dev.errand.autoconfigure.operator.OperatorProperties.Role;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The credentials of all operators. Thread-safe; never blocks. */
public final class OperatorCredentials implements AutoCloseable {
    private static final Pattern BEARER_JWT =
            Pattern.compile("(?i)Bearer +([A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+)");

    private final List<Held> tokens = new ArrayList<>();
    private final List<ProviderOperator> providers = new ArrayList<>();

    private record Held(Operator operator, OperatorToken token) {}

    /**
     * Reads the files of the operators.
     *
     * @param unnamed the token of {@link Operator#UNNAMED}; null if there is none
     */
    public OperatorCredentials(ErrandProperties properties, @Nullable OperatorToken unnamed, Clock clock) {
        if (unnamed != null) {
            tokens.add(new Held(Operator.UNNAMED, unnamed));
        }
        for (OperatorProperties.Named named : properties.operators()) {
            String file = named.tokenFile();
            if (file == null) {
                providers.add(new ProviderOperator(properties, named, clock));
            } else {
                OperatorToken token = OperatorToken.load(properties.file(file), "errand.operators");
                tokens.add(new Held(new Operator(named.name(), named.role(), null), token));
            }
        }
    }

    /** The operator whose credential the {@code Authorization} header carries, in the widest role; empty if there is none. */
    Mono<Operator> find(String authorization) {
        Operator found = null;
        for (Held held : tokens) {
            // Every token is compared, so that the duration does not show which one matched.
            if (held.token().isIn(authorization) && found == null) {
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
        providers.forEach(ProviderOperator::close);
    }
}
