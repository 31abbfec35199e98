package dev.errand.web.route;

import org.springframework.cloud.gateway.filter.NettyRoutingFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.filter.RouteToRequestUrlFilter;
import org.springframework.core.Ordered;

/**
 * The place of every filter of ours, fixed here whatever the YAML says. The lower number comes first.
 *
 * <p>Identity and delegation come before every other filter: nothing may be done for a caller that is not known.
 * Operation, limits, sequence, provenance and credential come behind everything that may change path or host, since
 * what is decided on must be what is sent.
 */
public final class FilterOrder {
    /** Of the web filters the last one: nothing stands between it and the dispatcher that looks for the route. */
    public static final int PREFLIGHT = Ordered.LOWEST_PRECEDENCE;

    /** Refuses routes that lack a stage. */
    public static final int ROUTE_GUARD = Ordered.HIGHEST_PRECEDENCE + 10;

    public static final int IDENTITY = Ordered.HIGHEST_PRECEDENCE + 100;
    public static final int DELEGATION = Ordered.HIGHEST_PRECEDENCE + 200;

    /** Behind the proof of the caller, around the filter that writes the answer. */
    public static final int CUT = NettyWriteResponseFilter.WRITE_RESPONSE_FILTER_ORDER - 1;

    /** Above any order that a path-changing or load-balancing filter has. */
    public static final int OPERATION = RouteToRequestUrlFilter.ROUTE_TO_URL_FILTER_ORDER + 10_000;

    public static final int LIMITS = OPERATION + 100;
    public static final int SEQUENCE = OPERATION + 200;
    /** Commits what limits and sequence demand, in one atomic step. */
    public static final int STEP = OPERATION + 300;

    public static final int PROVENANCE = OPERATION + 400;
    public static final int CREDENTIAL = OPERATION + 500;
    /** Sends exactly what was decided, or nothing. */
    public static final int SEND = OPERATION + 600;

    /** Before the filter that routes all else. */
    public static final int WEBSOCKET = NettyRoutingFilter.ORDER - 1;

    /** The last filter of all: where the gateway's own routing filter stood. */
    public static final int ROUTING = NettyRoutingFilter.ORDER;

    /** Of the filters of headers the last one. */
    public static final int TRAILERS = Ordered.LOWEST_PRECEDENCE;

    private FilterOrder() {}
}
