package dev.errand.it;

import dev.errand.it.RecordingUpstream.Answer;
import dev.errand.it.RecordingUpstream.Seen;
import dev.errand.json.JsonValue.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** As much of Vault as a login for each task needs: tokens that are known until they are revoked. */
final class VaultLogins implements AutoCloseable {
    private final RecordingUpstream server = new RecordingUpstream();
    private final AtomicInteger numbers = new AtomicInteger();
    /** The claims of the JWT that a token was given for. */
    private final Map<String, JsonObject> known = new ConcurrentHashMap<>();

    private final List<String> revoked = new CopyOnWriteArrayList<>();
    private volatile int loginStatus = 200;
    private volatile int revokeStatus = 204;

    VaultLogins() {
        server.answer(this::answer);
    }

    String uri() {
        return server.uri();
    }

    /** What it answers to a login that would be good. */
    void loginsAnswer(int status) {
        loginStatus = status;
    }

    /** What it answers to a revocation. */
    void revocationsAnswer(int status) {
        revokeStatus = status;
    }

    RecordingUpstream server() {
        return server;
    }

    Map<String, JsonObject> known() {
        return known;
    }

    List<String> revoked() {
        return revoked;
    }

    private Answer answer(Seen request) {
        String path = request.target();
        if (path.endsWith("/auth/jwt/login")) {
            if (loginStatus != 200) {
                return Answer.of(loginStatus, "{\"errors\":[]}");
            }
            String token = "hvs.secret-" + numbers.incrementAndGet();
            known.put(
                    token, Jws.claims(String.valueOf(Jws.object(request.text()).string("jwt"))));
            return Answer.of(
                    200, "{\"auth\":{\"client_token\":\"" + token + "\",\"lease_duration\":3600,\"renewable\":true}}");
        }
        String token = request.header("X-Vault-Token");
        if (token == null || !known.containsKey(token)) {
            return Answer.of(403, "{\"errors\":[\"permission denied\"]}");
        }
        if (path.endsWith("/auth/token/revoke-self")) {
            if (revokeStatus == 204) {
                known.remove(token);
                revoked.add(token);
            }
            return Answer.of(revokeStatus, "");
        }
        return Answer.of(200, "{\"data\":{}}");
    }

    @Override
    public void close() {
        server.close();
    }
}
