package dev.errand.web.stage;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RefusalStyle;
import dev.errand.operation.RenamedCatalogue;
import dev.errand.web.Revision;
import dev.errand.web.StageFilter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * The header in which Vault's own clients send a token. On a route to Vault it may hold the leaf in place of
 * {@code Authorization: Bearer}; on any other route it is a header like all others.
 */
final class VaultSlot {
    private static final String HEADER = "X-Vault-Token";
    private static final String CATALOGUE = "vault";
    private static final Denial BOTH = new Denial(
            DenyReason.MALFORMED_REQUEST,
            null,
            "the token was sent twice: send it in Authorization or in " + HEADER + ", not in both");
    private static final Denial TWICE =
            new Denial(DenyReason.MALFORMED_REQUEST, null, HEADER + " was sent twice: send it once");

    private VaultSlot() {}

    /** Whether the request has the header, and its route is one to Vault. */
    static boolean isUsed(ServerHttpRequest request, Route route, Revision revision) {
        return request.getHeaders().containsHeader(HEADER) && isVault(route, revision);
    }

    private static boolean isVault(Route route, Revision revision) {
        String prefix = StageFilter.catalogue(route);
        OperationCatalogue catalogue =
                prefix == null ? null : revision.policies().catalogue(prefix);
        if (catalogue instanceof RenamedCatalogue renamed) {
            catalogue = renamed.original();
        }
        return catalogue != null && (catalogue.name().equals(CATALOGUE) || catalogue.refusals() == RefusalStyle.VAULT);
    }

    /** Why a request that uses the header is malformed, or null. */
    static @Nullable Denial refuse(HttpHeaders headers) {
        List<String> sent = headers.getOrEmpty(HEADER);
        if (headers.containsHeader(HttpHeaders.AUTHORIZATION)) {
            return BOTH;
        }
        return sent.size() > 1 ? TWICE : null;
    }

    /** The request with its token where any other route has it. */
    static ServerHttpRequest moved(ServerHttpRequest request) {
        String token = String.valueOf(request.getHeaders().getFirst(HEADER));
        return request.mutate()
                .headers(headers -> {
                    headers.remove(HEADER);
                    headers.setBearerAuth(token);
                })
                .build();
    }
}
