package dev.errand.web;

import java.util.Set;
import org.springframework.cloud.gateway.route.Route;

/**
 * The request headers that filters of a route write, by name in lower case. They are the operator's, so they pass without
 * being on a list, unless a list removes or refuses them. Immutable.
 *
 * @param set headers whose values replace those of the agent
 * @param added headers whose values stand beside those of the agent
 */
public record WrittenHeaders(Set<String> set, Set<String> added) {
    /** The key under which a route's metadata hold them. */
    public static final String METADATA = WrittenHeaders.class.getName();

    /** For a route whose filters write none. */
    public static final WrittenHeaders NONE = new WrittenHeaders(Set.of(), Set.of());

    public WrittenHeaders {
        set = Set.copyOf(set);
        added = Set.copyOf(added);
    }

    /** The headers that filters of the route write. */
    public static WrittenHeaders of(Route route) {
        return route.getMetadata().get(METADATA) instanceof WrittenHeaders written ? written : NONE;
    }

    /** Whether a filter writes the header of this name, in lower case. */
    public boolean contains(String name) {
        return set.contains(name) || added.contains(name);
    }
}
