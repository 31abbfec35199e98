package dev.errand.agent.listen;

import org.jspecify.annotations.Nullable;

/**
 * What a listener's connections need to know of the listener.
 *
 * @param mount maps the listener's paths to the gateway's
 * @param guard checks the credential that the listener demands beside the path
 * @param service answers requests that the companion serves by itself, or null
 */
public record Door(Mount mount, Guard guard, @Nullable OwnService service) {}
