package dev.errand.web.stage;

import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Resolution;
import dev.errand.web.Target;
import dev.errand.web.WrittenHeaders;
import java.net.URI;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;

/** Names the operations of a request that was not received, as the operation stage does those of a call. Pure. */
final class OperationNaming {
    private OperationNaming() {}

    /**
     * Names the operations.
     *
     * @param method as sent
     * @param rawTarget the request-target as sent
     * @param sent the header fields as sent
     * @param routed the request as the route's filters left it
     * @param url the URL that the route makes of it
     * @param body the whole body
     */
    static Resolution name(
            OperationCatalogue catalogue,
            String method,
            String rawTarget,
            HttpHeaders sent,
            ServerHttpRequest routed,
            URI url,
            WrittenHeaders written,
            byte[] body) {
        HeaderView fields = HeaderView.asSent(sent);
        Optional<String> refusal = catalogue.refuse(method, rawTarget, fields);
        if (refusal.isEmpty()) {
            refusal = Upgrades.refuse(method, sent);
        }
        if (refusal.isPresent()) {
            return new Resolution.Malformed(refusal.get());
        }
        JudgedHeaders headers = JudgedHeaders.of(HeaderView.asSent(routed.getHeaders()), catalogue.headers());
        CatalogueRequest head = new CatalogueRequest(
                method,
                Target.path(routed.getURI(), url),
                Target.query(routed.getURI(), url),
                headers.forwarded(),
                null);
        boolean reads = catalogue.needsBody(head);
        if (reads && body.length > catalogue.maxBodyBytes()) {
            return new Resolution.Malformed(
                    "the body names the operation and may have " + catalogue.maxBodyBytes() + " bytes");
        }
        Resolution found = catalogue.resolve(
                reads ? new CatalogueRequest(head.method(), head.path(), head.query(), head.headers(), body) : head);
        if (!(found instanceof Resolution.Resolved resolved)) {
            return found;
        }
        JudgedHeaders judged =
                headers.by(OperationStage.rules(catalogue, resolved.calls())).without(written::contains);
        return !judged.unlisted().isEmpty() && OperationStage.refusesUnlisted(judged.rules(), resolved.calls())
                ? new Resolution.Malformed(
                        OperationStage.unlisted(judged.unlisted().get(0)))
                : found;
    }
}
