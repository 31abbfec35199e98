package dev.errand.autoconfigure;

import dev.errand.credential.CredentialListener;
import dev.errand.credential.GivingBack;
import dev.errand.credential.TaskCredentials;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The metrics of the credentials of tasks. Thread-safe. */
final class CredentialMetrics implements CredentialListener {
    private static final List<String> KINDS =
            List.of("task-jwt", "vault-login", "sts", "impersonate", "token-exchange", "github-app");

    private final Map<Outcome, Counter> revoked = new EnumMap<>(Outcome.class);

    CredentialMetrics(MeterRegistry registry) {
        for (Outcome outcome : Outcome.values()) {
            revoked.put(
                    outcome,
                    Counter.builder("errand.credentials.revoked")
                            .description("Credentials of tasks that were to be given back, by what came of it")
                            .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
    }

    @Override
    public void gaveBack(Outcome outcome) {
        Objects.requireNonNull(revoked.get(outcome)).increment();
    }

    /** The gauges of credentials that are held, and of those that must still be given back. */
    static void gauges(TaskCredentials credentials, GivingBack givingBack, MeterRegistry registry) {
        for (String kind : KINDS) {
            Gauge.builder("errand.credentials", credentials, each -> each.count(kind))
                    .description("Credentials that this replica holds for tasks")
                    .tag("kind", kind)
                    .register(registry);
        }
        Gauge.builder("errand.credentials.owed", givingBack, GivingBack::size)
                .description("Credentials that are still to be given back")
                .register(registry);
    }
}
