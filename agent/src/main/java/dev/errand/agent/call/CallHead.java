package dev.errand.agent.call;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;

/**
 * The head of a call as it goes to the gateway, without the proof.
 *
 * @param base the path below which the gateway's own paths lie; mostly empty
 * @param target path and query, with the base in front
 */
record CallHead(HttpMethod method, String base, String target, HttpHeaders headers) {
    static CallHead of(HttpRequest tools, String target, GatewayAddress gateway) {
        return new CallHead(
                tools.method(),
                gateway.base(),
                gateway.base() + target,
                RequestHeaders.cleaned(tools.headers(), gateway.authority()));
    }

    /**
     * Writes the head with a proof of its own.
     *
     * @param unasked whether the body follows without the gateway's {@code 100 Continue}
     * @param once whether the call cannot be sent again
     * @return whether the chain went with the head, or there is no chain
     */
    boolean write(BackConnection connection, HeldTask task, boolean unasked, boolean once) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, target, headers.copy());
        if (unasked) {
            request.headers().remove(HttpHeaderNames.EXPECT);
        }
        int query = target.indexOf('?');
        String path = target.substring(base.length(), query < 0 ? target.length() : query);
        boolean withChain = task.sign(request.headers(), method.name(), path, once);
        connection.write(request);
        return withChain;
    }

    @Override
    public String toString() {
        return method.name() + " " + target;
    }
}
