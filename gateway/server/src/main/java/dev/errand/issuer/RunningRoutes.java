package dev.errand.issuer;

import java.util.Set;

/** The routes of the running configuration that demand a delegation token. Thread-safe. */
@FunctionalInterface
public interface RunningRoutes {
    /** Their ids. */
    Set<String> ids();
}
