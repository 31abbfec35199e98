package dev.errand.operator;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.fleet.Replica;
import dev.errand.fleet.Replicas;
import dev.errand.policy.LivePolicies;
import java.time.Instant;
import java.util.Locale;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;

/** Makes this replica known to the others once its ports are bound. */
record ReplicaSignOn(Replicas replicas, ReplicaAddress address, LivePolicies policies, ErrandProperties properties)
        implements ApplicationListener<ApplicationReadyEvent> {
    private static final String UNKNOWN_BUILD = "unpackaged";

    @Override
    public void onApplicationEvent(ApplicationReadyEvent ready) {
        String since = Instant.now().toString();
        String url = address.url();
        String build = build();
        replicas.start(() -> new Replica(
                replicas.instance(),
                url,
                build,
                policies.report().revision(),
                properties.mode().name().toLowerCase(Locale.ROOT),
                since,
                0));
    }

    /** The version of the jar, which only a packaged gateway has. */
    public static String build() {
        String version = ReplicaSignOn.class.getPackage().getImplementationVersion();
        return version == null ? UNKNOWN_BUILD : version;
    }
}
