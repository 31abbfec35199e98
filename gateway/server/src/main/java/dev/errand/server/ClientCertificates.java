package dev.errand.server;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslManagerBundle;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.WebServerSslBundle;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.Ordered;
import org.springframework.util.StringUtils;

/**
 * Client certificates of the traffic port: with TLS they are asked for, but optional, and any certificate passes, also
 * a self-signed one. TLS only proves that the client has the key. The owner of the key is judged at each request: as a
 * proof of possession by the leaf's {@code cnf.jwk}, and as an X.509-SVID by the trust bundle of that moment. So no trust
 * store decides here. {@code server.ssl.client-auth} still may say {@code none} or {@code need}.
 */
record ClientCertificates(ServerProperties server, SslBundles bundles)
        implements WebServerFactoryCustomizer<NettyReactiveWebServerFactory>, Ordered {
    private static final String BUNDLE = "errand-any-client-certificate";

    /** Runs after the configured properties were applied, since it replaces their setting. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public void customize(NettyReactiveWebServerFactory factory) {
        Ssl configured = server.getSsl();
        if (configured == null || !configured.isEnabled() || configured.getClientAuth() == Ssl.ClientAuth.NONE) {
            return;
        }
        DefaultSslBundleRegistry any =
                new DefaultSslBundleRegistry(BUNDLE, anyClient(WebServerSslBundle.get(configured, bundles)));
        if (StringUtils.hasText(configured.getBundle())) {
            bundles.addBundleUpdateHandler(
                    configured.getBundle(), renewed -> any.updateBundle(BUNDLE, anyClient(renewed)));
        }
        Ssl ssl = Ssl.forBundle(BUNDLE);
        ssl.setClientAuth(
                configured.getClientAuth() == Ssl.ClientAuth.NEED ? Ssl.ClientAuth.NEED : Ssl.ClientAuth.WANT);
        factory.setSsl(ssl);
        factory.setSslBundles(any);
    }

    private static SslBundle anyClient(SslBundle own) {
        SslManagerBundle managers =
                SslManagerBundle.of(own.getManagers().getKeyManagerFactory(), InsecureTrustManagerFactory.INSTANCE);
        return SslBundle.of(own.getStores(), own.getKey(), own.getOptions(), own.getProtocol(), managers);
    }
}
