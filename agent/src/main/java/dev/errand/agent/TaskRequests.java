package dev.errand.agent;

import dev.errand.agent.call.Answer;
import dev.errand.agent.call.Connections;
import dev.errand.agent.call.Exchange;
import dev.errand.agent.call.HeldTask;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * The companion's own requests about its token: its rights, and its end. They block, so they are not made on the event
 * loop.
 */
final class TaskRequests {
    private static final String VIEW = "/oauth2/task";
    private static final String REVOKE = "/oauth2/revoke";
    private static final int OK = 200;

    private TaskRequests() {}

    /** Asks what the token may do. */
    public static Answer view(Connections gateway, HeldTask task) {
        return signed(gateway, task, HttpMethod.GET, VIEW, "");
    }

    /** Ends the token, which for a root ends the task. Returns whether the gateway did so. */
    public static boolean end(Connections gateway, HeldTask task) {
        String form = "token=" + URLEncoder.encode(task.token(), StandardCharsets.UTF_8);
        return signed(gateway, task, HttpMethod.POST, REVOKE, form).status() == OK;
    }

    /** Sends a request, and again with the nonce if the gateway asks for one. */
    private static Answer signed(Connections gateway, HeldTask task, HttpMethod method, String path, String form) {
        Answer first = once(gateway, task, method, path, form);
        boolean asked = first.status() != OK && first.headers().contains("DPoP-Nonce");
        task.learnNonce(first.headers());
        return asked ? once(gateway, task, method, path, form) : first;
    }

    private static Answer once(Connections gateway, HeldTask task, HttpMethod method, String path, String form) {
        HttpHeaders headers = new DefaultHttpHeaders();
        task.sign(headers, method.name(), path, true);
        if (!form.isEmpty()) {
            headers.remove(HttpHeaderNames.AUTHORIZATION);
            headers.set(HttpHeaderNames.CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        return Exchange.send(gateway, method, path, headers, form.getBytes(StandardCharsets.US_ASCII));
    }
}
