package dev.errand.it;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A real server that keeps an account of its own of what it executed. It starts in one line of a test and runs until it is
 * closed.
 */
interface AuditedServer extends AutoCloseable {
    /**
     * One thing that the server says it executed.
     *
     * @param who whom the server takes for the caller
     * @param verb what it did, in the server's word
     * @param resource on what, in the server's words
     * @param time when, by the server's clock
     */
    record Executed(String who, String verb, String resource, Instant time) {}

    /** Its address: scheme, host and port. */
    String uri();

    /** Its port on loopback. */
    int port();

    /** The Spring properties by which a route of the gateway is let in. */
    Map<String, String> credential();

    /** As whom the server knows the gateway. */
    String principal();

    /** Everything that it executed for callers other than itself, oldest first. */
    List<Executed> executed();

    /**
     * Waits until all that it answered so far is in its account.
     *
     * @return false where it cannot tell, so that whoever compares has to wait for an entry
     */
    default boolean settle() {
        return false;
    }

    /**
     * Operations, without their catalogue, that the server does as a part of another one: its account has one entry for both,
     * by the name of the other.
     */
    default Set<String> parts() {
        return Set.of();
    }

    @Override
    void close();
}
