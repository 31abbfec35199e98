package dev.errand.agent;

import dev.errand.agent.call.GatewayAddress;
import dev.errand.agent.call.HeldTask;
import dev.errand.agent.listen.OwnService;
import dev.errand.holder.AgentException;
import dev.errand.holder.Derivation;
import dev.errand.holder.UnverifiableChildException;
import dev.errand.jose.DpopVerifier;
import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.json.JsonWriter;
import dev.errand.token.HolderKey;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Derives children of the companion's token, at most a given number, for callers that know the path. The key never leaves the
 * companion. Used on the event loop only.
 */
final class Derivations implements OwnService {
    private static final Duration WINDOW = Duration.ofSeconds(30);

    private final HeldTask parent;
    private final GatewayAddress gateway;
    private final String path;
    private final String url;
    private final int most;
    private final Clock clock;
    private final DpopVerifier proofs = new DpopVerifier(WINDOW, null);
    private final UsedProofs used = new UsedProofs();
    private int derived;

    /**
     * @param path with a secret of its own
     * @param origin of the listener
     * @param most how many children may be derived
     */
    public Derivations(HeldTask parent, GatewayAddress gateway, String path, String origin, int most, Clock clock) {
        this.parent = parent;
        this.gateway = gateway;
        this.path = path;
        this.url = origin + path;
        this.most = most;
        this.clock = clock;
    }

    @Override
    public boolean isAt(String target) {
        return MessageDigest.isEqual(target.getBytes(StandardCharsets.UTF_8), path.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public FullHttpResponse answer(HttpRequest request, byte[] body) {
        try {
            if (!request.method().equals(HttpMethod.POST)) {
                throw new RefusedChildException("task:method", "children are derived by POST");
            }
            Derivation derivation = ChildRequest.parse(body);
            check(request, derivation);
            if (derived >= most) {
                throw new RefusedChildException("task:children", "no more than " + most + " children are derived here");
            }
            String child = derivation.derive(parent.key(), parent.token(), clock.instant());
            derived++;
            List<String> chain = new ArrayList<>(parent.ancestors());
            chain.add(parent.token());
            JsonWriter json = new JsonWriter()
                    .object()
                    .member("token", child)
                    .member("chain", String.join(", ", chain))
                    .member("gateway", gateway.url())
                    .member("issuer", parent.issuer());
            return answer(HttpResponseStatus.OK, "application/json", json.end().toBytes());
        } catch (RefusedChildException refused) {
            return refused(refused.step(), String.valueOf(refused.getMessage()));
        } catch (UnverifiableChildException refused) {
            return refused(refused.step(), String.valueOf(refused.getMessage()));
        } catch (AgentException refused) {
            return refused("task:token", String.valueOf(refused.getMessage()));
        }
    }

    /** Checks the proof: it is signed by the key of the child, is for this URL, and was not used before. */
    private void check(HttpRequest request, Derivation derivation) throws RefusedChildException {
        List<String> shown = request.headers().getAll("DPoP");
        if (shown.size() != 1) {
            throw new RefusedChildException("task:proof", "one DPoP header is needed, by the child's key");
        }
        DpopVerifier.Request expected = new DpopVerifier.Request(shown.get(0), "POST", url, null, null);
        DpopVerifier.Result result = proofs.verify(expected, clock.millis());
        if (result instanceof DpopVerifier.Result.Refused refused) {
            throw new RefusedChildException("task:proof", refused.reason());
        }
        if (result instanceof DpopVerifier.Result.Accepted accepted) {
            boolean its =
                    accepted.key().thumbprint().equals(childKey(derivation).thumbprint());
            if (!its) {
                throw new RefusedChildException("task:proof", "the proof is by another key than jwk");
            }
            if (!used.add(
                    accepted.claim().hash(), clock.millis(), accepted.claim().keepMillis())) {
                throw new RefusedChildException("task:proof", "the proof was used before");
            }
        }
    }

    private static HolderKey childKey(Derivation derivation) throws RefusedChildException {
        return new JoseSignatureVerifier()
                .parsePublicKey(derivation.childKey())
                .orElseThrow(() -> new RefusedChildException("task:jwk", "it is no public Ed25519 or P-256 key"));
    }

    private static FullHttpResponse refused(String step, String detail) {
        JsonWriter json = new JsonWriter()
                .object()
                .member("type", "about:blank")
                .member("title", "The child is not derived")
                .member("status", HttpResponseStatus.BAD_REQUEST.code())
                .member("detail", detail)
                .member("step", step);
        return answer(
                HttpResponseStatus.BAD_REQUEST,
                "application/problem+json",
                json.end().toBytes());
    }

    private static FullHttpResponse answer(HttpResponseStatus status, String type, byte[] body) {
        FullHttpResponse answer =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type)
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        return answer;
    }
}
