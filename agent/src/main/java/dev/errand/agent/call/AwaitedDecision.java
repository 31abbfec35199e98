package dev.errand.agent.call;

import dev.errand.holder.AgentException;
import dev.errand.json.JsonValue.JsonObject;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits for a human's decision on one request for approval: asks the gateway for the state of the request. The gateway answers when
 * the state changes, or after 25 seconds; then it is asked again. If the gateway does not tell, the wait ends after the time that the
 * refusal named. Used on the event loop only.
 */
final class AwaitedDecision {
    private static final String PATH = "/oauth2/task";
    private static final int OK = 200;
    private static final long ANSWER_MILLIS = 30_000;

    private final Connections gateway;
    private final HeldTask task;
    private final String request;
    private final long otherwiseMillis;
    private final Runnable then;
    private @Nullable Exchange exchange;
    private @Nullable Future<?> next;
    private boolean nonceAsked;
    private boolean over;

    /**
     * @param request the id of the request
     * @param otherwiseMillis how long to wait if the gateway does not tell, and the least time between two questions
     * @param then runs once, on the event loop, when the request is no longer pending
     */
    AwaitedDecision(Connections gateway, HeldTask task, String request, long otherwiseMillis, Runnable then) {
        this.gateway = gateway;
        this.task = task;
        this.request = request;
        this.otherwiseMillis = otherwiseMillis;
        this.then = then;
    }

    /** Asks for the state of the request. */
    void ask() {
        HttpHeaders headers = new DefaultHttpHeaders();
        task.sign(headers, HttpMethod.GET.name(), PATH, true);
        long asked = System.nanoTime();
        Exchange asking = Exchange.begin(gateway, HttpMethod.GET, PATH + "?approval=" + request, headers, new byte[0]);
        exchange = asking;
        later(this::end, ANSWER_MILLIS);
        asking.answer().whenComplete((answer, failure) -> {
            if (!over) {
                answered(answer, asked);
            }
        });
    }

    private void answered(@Nullable Answer answer, long askedNanos) {
        exchange = null;
        long left = Math.max(0, otherwiseMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - askedNanos));
        if (answer == null) {
            later(this::end, left);
            return;
        }
        task.learnNonce(answer.headers());
        if (answer.status() != OK) {
            boolean asksForNonce = answer.headers().contains("DPoP-Nonce") && !nonceAsked;
            nonceAsked = true;
            later(asksForNonce ? this::ask : this::end, asksForNonce ? 0 : left);
            return;
        }
        nonceAsked = false;
        if (isPending(answer)) {
            later(this::ask, left);
        } else {
            end();
        }
    }

    private static boolean isPending(Answer answer) {
        try {
            JsonObject approval = answer.json().object("approval");
            return approval != null && "pending".equals(approval.string("state"));
        } catch (AgentException noJson) {
            return false;
        }
    }

    private void later(Runnable what, long millis) {
        if (next != null) {
            next.cancel(false);
        }
        next = gateway.loop().schedule(what, millis, TimeUnit.MILLISECONDS);
    }

    private void end() {
        if (!over) {
            stop();
            then.run();
        }
    }

    /** Waits no more. */
    void stop() {
        over = true;
        if (next != null) {
            next.cancel(false);
        }
        if (exchange != null) {
            exchange.giveUp();
            exchange = null;
        }
    }
}
