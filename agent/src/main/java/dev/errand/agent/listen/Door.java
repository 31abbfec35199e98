package dev.errand.agent.listen;

import org.jspecify.annotations.Nullable;

/**
 * One listener, as its connections see it.
 *
 * @param mount how its paths stand for the gateway's
 * @param guard what it demands beside the path
 * @param service what the companion serves there by itself, or null
 */
public record Door(Mount mount, Guard guard, @Nullable OwnService service) {}
