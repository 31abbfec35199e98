package dev.errand.web;

import org.springframework.cloud.gateway.filter.NettyRoutingFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.filter.RouteToRequestUrlFilter;
import org.springframework.core.Ordered;

/**
 * The place of every filter of the gateway's own, fixed here whatever the YAML says. The constants are in the order in which
 * a call meets the filters; the lower number comes first.
 *
 * <p>Identity and delegation come before every other filter, since nothing may be done for a caller that is not known.
 * Operation, limits, sequence, provenance and credential come after every filter that may change path or host, since
 * the gateway must send the request that it decided on.
 */
public final class FilterOrder {
    /**
     * {@code PreflightFilter}, the last of the web filters. After it comes the dispatcher, which has {@code RouteMapping}
     * look for the route.
     */
    public static final int PREFLIGHT = Ordered.LOWEST_PRECEDENCE;

    /** {@code RouteGuard}: refuses routes that lack a stage. */
    public static final int ROUTE_GUARD = Ordered.HIGHEST_PRECEDENCE + 10;

    /** {@code TaskIdentity}: begins the call. */
    public static final int IDENTITY = Ordered.HIGHEST_PRECEDENCE + 100;

    /** {@code DelegationChain}: verifies the caller. */
    public static final int DELEGATION = Ordered.HIGHEST_PRECEDENCE + 200;

    /** The check of a request that another gateway gave: after the proof of the caller, before any filter that does work. */
    public static final int GIVEN = Ordered.HIGHEST_PRECEDENCE + 300;

    /** {@code CutFilter}: after the proof of the caller, around Spring Cloud Gateway's filter that writes the answer. */
    public static final int CUT = NettyWriteResponseFilter.WRITE_RESPONSE_FILTER_ORDER - 1;

    /** {@code OperationMapping}: after every filter that changes the path or chooses among servers. */
    public static final int OPERATION = RouteToRequestUrlFilter.ROUTE_TO_URL_FILTER_ORDER + 10_000;

    /** {@code TaskLimits}: marks the route. */
    public static final int LIMITS = OPERATION + 100;

    /** {@code TaskSequence}: marks the route. */
    public static final int SEQUENCE = OPERATION + 200;

    /** {@code TaskStepFilter}: commits what limits and sequence demand, in one atomic step. */
    public static final int STEP = OPERATION + 300;

    /** {@code Provenance}: records the permit, and is told the outcome of the call. */
    public static final int PROVENANCE = OPERATION + 400;

    /** {@code UpstreamCredential}: adds what the upstream itself wants. */
    public static final int CREDENTIAL = OPERATION + 500;

    /** {@code SendDecidedFilter}: lets exactly the decided request pass, or nothing. */
    public static final int SEND = OPERATION + 600;

    /** {@code WebSocketFilter}: before the filter that sends all else. */
    public static final int WEBSOCKET = NettyRoutingFilter.ORDER - 1;

    /** {@code UpstreamRoutingFilter}, the last filter of all: in the place of Spring Cloud Gateway's routing filter. */
    public static final int ROUTING = NettyRoutingFilter.ORDER;

    /** {@code TrailersFilter}, the last of the headers filters; these have an order of their own. */
    public static final int TRAILERS = Ordered.LOWEST_PRECEDENCE;

    private FilterOrder() {}
}
