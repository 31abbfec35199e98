package dev.errand.web.stage;

import dev.errand.operation.HeaderRule.Fate;
import dev.errand.operation.HeaderRules;
import dev.errand.operation.RequestHeaders;
import dev.errand.operation.TargetRules;
import dev.errand.web.Call;
import dev.errand.web.HopHeaders;
import dev.errand.web.NativeHeaders;
import dev.errand.web.StageFilter;
import dev.errand.web.WrittenHeaders;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;

/**
 * What rules say of the fields of one request. Immutable.
 *
 * @param rules the rules
 * @param sent every field
 * @param forwarded the fields that are sent on: not those that {@code Connection} names, nor those that do not pass
 * @param unlisted the names, in lower case, that no list has
 * @param removed the names, in lower case, that a list removes
 */
record JudgedHeaders(
        HeaderRules rules, HeaderView sent, HeaderView forwarded, List<String> unlisted, List<String> removed) {
    /** The most names that a record has. */
    private static final int MAX_NAMED = 16;

    static JudgedHeaders of(HeaderView sent, HeaderRules rules) {
        Set<String> named = HopHeaders.namedByConnection(sent.headers());
        List<String> kept = new ArrayList<>(sent.lowerNames().size());
        List<String> unlisted = new ArrayList<>(0);
        List<String> removed = new ArrayList<>(0);
        Set<String> hidden = new HashSet<>();
        for (String name : sent.lowerNames()) {
            Fate fate = rules.of(name).fate();
            boolean hop = !named.isEmpty() && named.contains(RequestHeaders.fold(name));
            if (!hop && (fate == Fate.PASSES || fate == Fate.ALLOWED)) {
                kept.add(name);
                continue;
            }
            hidden.add(name);
            if (!hop && fate == Fate.UNLISTED) {
                unlisted.add(name);
            } else if (!hop && (fate == Fate.HARMLESS || fate == Fate.REMOVED)) {
                removed.add(name);
            }
        }
        return new JudgedHeaders(
                rules, sent, new HeaderView(sent.headers(), kept, sent.repeatedNames(), hidden), unlisted, removed);
    }

    /** What other rules say of the same fields. */
    JudgedHeaders by(HeaderRules others) {
        return others == rules ? this : of(sent, others);
    }

    /** Whether every field is sent on or belongs to the connection and the gateway. */
    boolean isWhole() {
        return unlisted.isEmpty() && removed.isEmpty();
    }

    /**
     * The same without the fields that the route's credential or filters write: these are the gateway's own. A field that
     * a filter adds to one of the agent's stays: nobody could tell the two values apart.
     */
    JudgedHeaders on(Call.Identified call, ServerWebExchange exchange) {
        if (isWhole()) {
            return this;
        }
        Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        ServerHttpRequest request = exchange.getRequest();
        String credential = StageFilter.credential(route);
        Set<String> ofCredential =
                credential == null ? Set.of() : call.arrived().revision().writtenBy(credential);
        WrittenHeaders ofFilters = WrittenHeaders.of(route);
        return without(name -> ofCredential.contains(RequestHeaders.fold(name))
                || ofFilters.set().contains(name)
                || ofFilters.added().contains(name) && !NativeHeaders.wasSent(request, name));
    }

    /** Why the request is malformed if a filter of the route added its value to a field of the agent's, or null. */
    @Nullable String doubled(ServerWebExchange exchange) {
        if (isWhole()) {
            return null;
        }
        Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        Set<String> added = WrittenHeaders.of(route).added();
        for (String name : added) {
            boolean both = unlisted.contains(name) || removed.contains(name);
            if (both && rules.of(name).fate() != Fate.REMOVED) {
                return TargetRules.named(name) + " is written by the gateway on this route: leave it out";
            }
        }
        return null;
    }

    /** The same without these fields. */
    JudgedHeaders without(Predicate<String> ours) {
        return new JudgedHeaders(rules, sent, forwarded, less(unlisted, ours), less(removed, ours));
    }

    private static List<String> less(List<String> names, Predicate<String> ours) {
        return names.stream().filter(ours.negate()).toList();
    }

    /** The names for the record, those that no list has first. */
    List<String> named() {
        List<String> all = new ArrayList<>(unlisted);
        all.addAll(removed);
        return all.size() > MAX_NAMED ? all.subList(0, MAX_NAMED) : all;
    }
}
