package dev.errand.operator;

import dev.errand.fleet.Replica;
import dev.errand.fleet.ReplicaTokens;
import io.netty.channel.ChannelOption;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.TrustManagerFactory;
import org.springframework.boot.ssl.SslBundle;
import reactor.core.publisher.Mono;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.LoopResources;

/**
 * Asks another replica for the facts that only this other replica has. An answer has at most 8 MiB. Thread-safe, never blocking.
 */
final class ReplicaClient {
    /** How long an answer may take. Less than two seconds, so that the whole answer is complete within two seconds. */
    static final Duration WITHIN = Duration.ofMillis(1_800);

    private static final int MOST_BYTES = 8 << 20;

    private volatile HttpClient client;
    private final ReplicaTokens tokens;
    private final String instance;

    /** @param instance this replica */
    public ReplicaClient(LoopResources loop, ReplicaTokens tokens, String instance) {
        this.client = HttpClient.create()
                .runOn(loop)
                .followRedirect(false)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) WITHIN.toMillis());
        this.tokens = tokens;
        this.instance = instance;
    }

    /** From now on, trusts the authorities of that bundle, which may have changed. */
    void trust(SslBundle bundle) {
        TrustManagerFactory authorities = bundle.getManagers().getTrustManagerFactory();
        client = client.secure(tls -> tls.sslContext(
                Http11SslContextSpec.forClient().configure(context -> context.trustManager(authorities))));
    }

    /** The answer of a replica: 200 or 404. */
    record Response(int status, String body) {}

    /** The answer to a GET. It fails if no answer comes in time, or if the answer is neither 200 nor 404. */
    Mono<Response> get(Replica replica, String target, String accept, Duration within) {
        return Mono.defer(() -> client.responseTimeout(within)
                        .headers(headers -> headers.set("Accept", accept)
                                .set("Authorization", "Bearer " + tokens.make(instance, replica.url())))
                        .get()
                        .uri(replica.url() + target)
                        .response((response, content) -> {
                            int status = response.status().code();
                            if (status != 200 && status != 404) {
                                return Mono.error(new IllegalStateException("answered " + status));
                            }
                            return content.asByteArray()
                                    .reduceWith(Body::new, Body::append)
                                    .map(body -> new Response(status, body.text()));
                        })
                        .single())
                .timeout(within);
    }

    private static final class Body {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Body append(byte[] more) {
            if (bytes.size() + more.length > MOST_BYTES) {
                throw new IllegalStateException("the answer is larger than " + MOST_BYTES + " bytes");
            }
            bytes.writeBytes(more);
            return this;
        }

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }
}
