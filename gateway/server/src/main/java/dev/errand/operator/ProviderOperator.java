package dev.errand.operator;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.autoconfigure.KeyDocuments;
import dev.errand.autoconfigure.OperatorProperties;
import dev.errand.jose.JwsAlgorithm;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.task.HumanPolicy;
import dev.errand.trust.HumanIssuer;
import dev.errand.trust.HumanIssuers;
import dev.errand.trust.HumanResult;
import dev.errand.trust.JwkSet;
import dev.errand.trust.LiveDocument;
import dev.errand.trust.SubjectRules;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * An operator whom an identity provider names: a human with a JWT of the issuer for the operators' audience, whose claim has one of
 * the configured values. Thread-safe; never blocks.
 */
final class ProviderOperator implements AutoCloseable {
    private static final Set<String> TYPES = Set.of(SubjectRules.NO_TYPE, "JWT", "at+jwt");
    private static final Duration LONGEST = Duration.ofHours(24);

    private final OperatorProperties.Named named;
    private final LiveDocument<JwkSet> keys;
    private final HumanIssuers issuers;
    private final HumanPolicy policy;
    private final Clock clock;
    private final Set<String> others;

    ProviderOperator(ErrandProperties properties, OperatorProperties.Named named, Clock clock) {
        String issuer = Objects.requireNonNull(named.issuer());
        this.named = named;
        this.keys = KeyDocuments.jwks(properties, "errand.operators", Objects.requireNonNull(named.jwks()));
        HumanIssuer trusted = new HumanIssuer(
                issuer,
                keys,
                Objects.requireNonNull(named.audience()),
                Set.copyOf(EnumSet.allOf(JwsAlgorithm.class)),
                new SubjectRules(TYPES, LONGEST, Set.of(), "sub"),
                null);
        this.issuers = new HumanIssuers(List.of(trusted), properties.trust().clockSkew());
        this.policy = new HumanPolicy(named.claim(), named.any(), issuer, false);
        this.clock = clock;
        this.others = new HashSet<>(Set.of(properties.approvalsAudience()));
        properties.trust().humans().forEach(human -> others.add(human.audience()));
    }

    /** The operator, if the token names one; else empty. A token that is bound to a key names none. */
    Mono<Operator> find(String token) {
        return issuers.verify(token, null, clock.millis())
                .ofType(HumanResult.Accepted.class)
                .filter(accepted -> !isForOthers(accepted.claims().get("aud"))
                        && policy.admits(accepted.human().issuer(), accepted.claims()))
                .map(accepted -> new Operator(named.name(), named.role(), accepted.human()));
    }

    /** Whether the token is also for starts or approvals: an agent or its platform may hold such a token, so it is refused. */
    private boolean isForOthers(@Nullable JsonValue audience) {
        List<JsonValue> named = audience instanceof JsonArray several ? several.values() : List.of();
        return named.stream().anyMatch(each -> each instanceof JsonString one && others.contains(one.value()));
    }

    @Override
    public void close() {
        keys.close();
    }
}
