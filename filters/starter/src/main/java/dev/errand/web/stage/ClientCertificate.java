package dev.errand.web.stage;

import dev.errand.token.HolderKey;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.SslInfo;

/**
 * The certificate that the client showed in TLS. As a proof of possession only its public key counts: any certificate,
 * self-signed too, passes the handshake.
 */
final class ClientCertificate {
    private ClientCertificate() {}

    public static X509Certificate @Nullable [] chain(ServerHttpRequest request) {
        SslInfo ssl = request.getSslInfo();
        X509Certificate[] chain = ssl == null ? null : ssl.getPeerCertificates();
        return chain == null || chain.length == 0 ? null : chain;
    }

    /** Whether the connection was proven by exactly this key. */
    public static boolean provesKey(ServerHttpRequest request, HolderKey holder) {
        X509Certificate[] chain = chain(request);
        return chain != null
                && MessageDigest.isEqual(
                        chain[0].getPublicKey().getEncoded(), holder.key().getEncoded());
    }
}
