package dev.errand.server;

import dev.errand.web.HostSyntax;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import java.util.Iterator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.HttpHandlerDecoratorFactory;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Answers 400 to a request that does not name one host: an HTTP/1.1 request has one {@code Host} (RFC 9112 section 3.2), an
 * HTTP/2 request {@code :authority} or {@code Host}, equal if both (RFC 9113 section 8.3.1), and each is a host with or
 * without a port. A target is a path, or a URL of that same host (RFC 9112 section 3.2). So every server before and after the
 * gateway reads the same host. Thread-safe.
 */
final class HostRule implements HttpHandlerDecoratorFactory {
    private static final int HTTP_2 = 2;
    private static final Pattern URL = Pattern.compile("(?i)https?://([^/?#]*)");

    /** The last value that was found good. Most requests name the same one, which need not be parsed again. */
    private volatile String good = "localhost";

    @Override
    public HttpHandler apply(HttpHandler handler) {
        return (request, response) -> {
            HttpServerRequest server = ServerHttpRequestDecorator.getNativeRequest(request);
            if (namesOneHost(server) && isTarget(server)) {
                return handler.handle(request, response);
            }
            response.setStatusCode(HttpStatus.BAD_REQUEST);
            return response.setComplete();
        };
    }

    /** The server shows the {@code :authority} of HTTP/2 as a {@code Host} too. */
    private boolean namesOneHost(HttpServerRequest request) {
        Iterator<String> hosts = request.requestHeaders().valueStringIterator(HttpHeaderNames.HOST);
        int major = request.version().majorVersion();
        if (!hosts.hasNext()) {
            return major < HTTP_2 && request.version().minorVersion() == 0;
        }
        String first = hosts.next();
        if (hosts.hasNext() && !(major >= HTTP_2 && first.equalsIgnoreCase(hosts.next()) && !hosts.hasNext())) {
            return false;
        }
        return isGood(first);
    }

    private static boolean isTarget(HttpServerRequest request) {
        String target = request.uri();
        if (target.startsWith("/")) {
            return true;
        }
        Matcher url = URL.matcher(target);
        if (!url.lookingAt()) {
            return target.equals("*") && request.method().equals(HttpMethod.OPTIONS);
        }
        String authority = url.group(1);
        String host = request.requestHeaders().get(HttpHeaderNames.HOST);
        return host == null ? HostSyntax.isHost(authority) : host.equalsIgnoreCase(authority);
    }

    private boolean isGood(String host) {
        if (host.equals(good)) {
            return true;
        }
        boolean valid = HostSyntax.isHost(host);
        if (valid) {
            good = host;
        }
        return valid;
    }
}
