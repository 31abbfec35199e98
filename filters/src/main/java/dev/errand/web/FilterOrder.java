package dev.errand.web;

import org.springframework.cloud.gateway.filter.RouteToRequestUrlFilter;
import org.springframework.core.Ordered;

/**
 * The order of the stages, fixed here whatever the YAML says.
 *
 * <p>Identity and delegation come before every other filter: nothing may be done for a caller that is not known.
 * Operation, limits, sequence, provenance and credential come behind everything that may change path or host, since
 * what is decided on must be what is sent.
 */
final class FilterOrder {
    /** Refuses routes that lack a stage. */
    static final int ROUTE_GUARD = Ordered.HIGHEST_PRECEDENCE + 10;

    static final int IDENTITY = Ordered.HIGHEST_PRECEDENCE + 100;
    static final int DELEGATION = Ordered.HIGHEST_PRECEDENCE + 200;

    /** Above any order that a path-changing or load-balancing filter has. */
    static final int OPERATION = RouteToRequestUrlFilter.ROUTE_TO_URL_FILTER_ORDER + 10_000;

    static final int LIMITS = OPERATION + 100;
    static final int SEQUENCE = OPERATION + 200;

    /** Commits what limits and sequence demand, in one atomic step. */
    static final int STEP = OPERATION + 300;

    static final int PROVENANCE = OPERATION + 400;
    static final int CREDENTIAL = OPERATION + 500;

    /** Sends exactly what was decided, or nothing. */
    static final int SEND = OPERATION + 600;

    private FilterOrder() {}
}
