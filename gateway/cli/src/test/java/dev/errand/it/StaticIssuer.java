package dev.errand.it;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.errand.jose.CredentialKeys;
import dev.errand.jose.KeyFileException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A host of its own for the issuer of credentials ({@code errand.credential-issuer}), which serves its two documents. */
final class StaticIssuer implements AutoCloseable {
    private final HttpServer server;
    private final String issuer;

    /** @param tls null for a host without TLS */
    StaticIssuer(Path keys, @Nullable SSLContext tls) throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
        if (tls == null) {
            server = HttpServer.create(any, 50);
        } else {
            HttpsServer secure = HttpsServer.create(any, 50);
            secure.setHttpsConfigurator(new HttpsConfigurator(tls));
            server = secure;
        }
        issuer = (tls == null ? "http" : "https") + "://127.0.0.1:"
                + server.getAddress().getPort() + "/credentials";
        try {
            serve(
                    "/credentials/.well-known/jwks.json",
                    CredentialKeys.load(keys).publicJwks());
        } catch (KeyFileException e) {
            throw new IOException(e);
        }
        serve(
                "/credentials/.well-known/openid-configuration",
                "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + issuer
                        + "/.well-known/jwks.json\",\"response_types_supported\":[\"id_token\"],\"subject_types_supported\":"
                        + "[\"public\"],\"id_token_signing_alg_values_supported\":[\"ES256\"]}");
        server.start();
    }

    private void serve(String path, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        server.createContext(path, exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    String issuer() {
        return issuer;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
