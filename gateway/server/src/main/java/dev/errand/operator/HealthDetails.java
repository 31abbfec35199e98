package dev.errand.operator;

import java.security.Principal;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.InvocationContext;
import org.springframework.boot.actuate.endpoint.OperationArgumentResolver;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvoker;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvokerAdvisor;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameters;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Bounds what the health endpoint shows: an operator, whom {@link OperatorGuard} found, gets the details, and everybody else
 * only the status. Thread-safe.
 */
final class HealthDetails implements OperationInvokerAdvisor {
    private static final EndpointId HEALTH = EndpointId.of("health");

    private static final SecurityContext OPERATOR = new SecurityContext() {
        @Override
        public Principal getPrincipal() {
            return () -> "operator";
        }

        @Override
        public boolean isUserInRole(String role) {
            return true;
        }
    };

    /** The context of a request that showed the operator's credential. */
    static Context ofTheOperator(Context context) {
        return context.put(HealthDetails.class, true);
    }

    @Override
    public OperationInvoker apply(
            EndpointId endpoint, OperationType type, OperationParameters parameters, OperationInvoker invoker) {
        boolean asksWho = StreamSupport.stream(parameters.spliterator(), false)
                .anyMatch(parameter -> parameter.getType() == SecurityContext.class);
        if (!endpoint.equals(HEALTH) || !asksWho) {
            return invoker;
        }
        return context -> Mono.deferContextual(view -> {
            boolean operator = view.hasKey(HealthDetails.class);
            Object asked = Objects.requireNonNull(invoker.invoke(operator ? asOperator(context) : context));
            return operator ? (Mono<?>) asked : ((Mono<?>) asked).map(HealthDetails::statusOnly);
        });
    }

    /** The answer without the names of the groups, which the endpoint would show to all. */
    private static Object statusOnly(Object answer) {
        return answer instanceof WebEndpointResponse<?> response
                        && response.getBody() instanceof HealthDescriptor health
                ? new WebEndpointResponse<>(Map.of("status", health.getStatus().getCode()), response.getStatus())
                : answer;
    }

    private static InvocationContext asOperator(InvocationContext asked) {
        return new InvocationContext(OPERATOR, asked.getArguments(), new OperationArgumentResolver() {
            @Override
            public boolean canResolve(Class<?> type) {
                return type != SecurityContext.class && type != Principal.class && asked.canResolve(type);
            }

            @Override
            public <T> @Nullable T resolve(Class<T> type) {
                return asked.resolveArgument(type);
            }
        });
    }
}
