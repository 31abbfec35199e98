package dev.errand.operator;

import dev.errand.autoconfigure.OperatorProperties.Role;
import dev.errand.log.EndedBy;
import dev.errand.token.Human;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.server.ServerWebExchange;

/**
 * The operator who asks at the operator's port. Immutable.
 *
 * @param name the name of the configuration's entry
 * @param human whom the identity provider of the entry names; null if the entry is a token
 */
record Operator(String name, Role role, @Nullable Human human) {
    /** The operator who has {@code errand.operator.token}. */
    public static final Operator UNNAMED = new Operator("operator", Role.OPERATE, null);

    private static final String ATTRIBUTE = Operator.class.getName();
    private static final String REPLICA = Operator.class.getName() + ".replica";

    void attachTo(ServerWebExchange exchange) {
        exchange.getAttributes().put(ATTRIBUTE, this);
    }

    static void attachReplica(ServerWebExchange exchange) {
        exchange.getAttributes().put(REPLICA, true);
    }

    /** The operator who asks. The guard admits only operators and replicas. */
    public static Operator of(ServerRequest request) {
        return request.attribute(ATTRIBUTE)
                .filter(Operator.class::isInstance)
                .map(Operator.class::cast)
                .orElseThrow(() -> new IllegalStateException("a route of the operator's port without its guard"));
    }

    /** Whether an operator asks, and not a browser that has no credential yet. */
    public static boolean isKnown(ServerRequest request) {
        return request.attribute(ATTRIBUTE).isPresent();
    }

    /** Whether another replica asks; it gets only what this replica knows without asking others. */
    public static boolean isReplica(ServerRequest request) {
        return request.attribute(REPLICA).isPresent();
    }

    /** The operator as records name it. */
    public EndedBy by() {
        return EndedBy.operator(name, human);
    }
}
