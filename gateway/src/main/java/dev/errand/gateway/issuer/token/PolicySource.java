package dev.errand.gateway.issuer.token;

import dev.errand.task.TaskPolicy;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** The policy of any revision that a live task runs under. Thread-safe, never blocking. */
public interface PolicySource {
    /** The policy of a {@code sha-256:} revision; empty if neither this replica nor the shared state has it. */
    Mono<Optional<TaskPolicy>> find(String revision);
}
