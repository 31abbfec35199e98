package dev.errand.web.send;

import dev.errand.credential.UpstreamCredential;
import dev.errand.web.Call;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Gets a new credential after the upstream refused a call with 403, as Vault does after its token was revoked. A call of
 * a safe method without a body is then repeated once. For any other call the 403 goes to the agent, and the next call
 * has the new credential.
 */
final class RenewedCredential {
    /** The safe methods (RFC 9110 section 9.2.1), and the methods with which Vault and OpenBao list. */
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "LIST", "SCAN");

    private RenewedCredential() {}

    /**
     * Whether the call must be sent again, with a new credential that is then in its exchange; null if the answer must
     * be taken unchanged.
     */
    static @Nullable Mono<Boolean> of(ServerWebExchange exchange, int status) {
        if (status != HttpStatus.FORBIDDEN.value() || !(Call.find(exchange) instanceof Call.Forwarded call)) {
            return null;
        }
        HttpHeaders head = exchange.getRequest().getHeaders();
        boolean bodyless = head.getContentLength() <= 0 && !head.containsHeader(HttpHeaders.TRANSFER_ENCODING);
        if (!bodyless || !SAFE.contains(call.arrived().method())) {
            forLaterCalls(exchange, status);
            return null;
        }
        UpstreamCredential credential = call.credential();
        if (credential == null || !credential.isRenewable()) {
            return null;
        }
        return credential
                .renewed(call.headers())
                .map(headers -> {
                    call.renewed(headers).attachTo(exchange);
                    return true;
                })
                .defaultIfEmpty(false);
    }

    /** Gets a new credential for later calls, if the upstream refused this one; does not wait. */
    static void forLaterCalls(ServerWebExchange exchange, int status) {
        if (status == HttpStatus.FORBIDDEN.value()
                && Call.find(exchange) instanceof Call.Forwarded call
                && call.credential() != null
                && call.credential().isRenewable()) {
            call.credential().renewed(call.headers()).subscribe(next -> {}, failed -> {});
        }
    }
}
