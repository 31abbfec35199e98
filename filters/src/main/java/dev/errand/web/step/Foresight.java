package dev.errand.web.step;

import dev.errand.web.call.Call;
import org.springframework.web.server.ServerWebExchange;

/**
 * Work for a call that is done while the store is asked to take the call's step, and that otherwise would have to be done when the store has
 * answered. Nothing of it may leave the process: the step may still come to something else. Thread-safe.
 */
@FunctionalInterface
public interface Foresight {
    /**
     * The step will permit the call, unless another replica changes the task meanwhile. Comes on the call's event loop, once or, after such a
     * change, again.
     *
     * @param call the call as it will be, with the very outcome that the step will come to
     */
    void permits(Call.Permitted call, ServerWebExchange exchange);
}
