package dev.errand.web.stage;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.operation.Effect;
import dev.errand.operation.OperationCall;
import dev.errand.web.HopHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** Protocol upgrades: WebSocket only, and only for operations that connect or execute. */
public final class Upgrades {
    private static final String SPDY = "spdy/";

    private static final String NO_SPDY =
            "Upgrade: SPDY does not pass, a WebSocket does. kubectl asks by WebSocket first,"
                    + " and by SPDY after that was refused: the decision before this one says why";

    private Upgrades() {}

    /**
     * Whether the request asks for SPDY: kubectl repeats a refused request for a WebSocket with it. SPDY never passes. It is
     * refused for the reason for which the WebSocket would be, so that kubectl shows this reason.
     */
    static boolean isSpdy(HttpHeaders headers) {
        List<String> upgrade = headers.getOrEmpty(HttpHeaders.UPGRADE);
        return upgrade.size() == 1 && upgrade.get(0).toLowerCase(Locale.ROOT).startsWith(SPDY);
    }

    /** The refusal of an upgrade to SPDY that would be granted as a WebSocket. */
    static Denial noSpdy() {
        return new Denial(DenyReason.MALFORMED_REQUEST, "operation", NO_SPDY);
    }

    public static boolean isWebSocket(HttpHeaders headers) {
        return "websocket".equalsIgnoreCase(headers.getFirst(HttpHeaders.UPGRADE));
    }

    /** Why an upgrade is refused before its operation is named, or empty. An upgrade to SPDY is refused later. */
    static Optional<String> refuse(String method, HttpHeaders headers) {
        List<String> upgrade = headers.getOrEmpty(HttpHeaders.UPGRADE);
        if (upgrade.isEmpty() || isSpdy(headers)) {
            return Optional.empty();
        }
        if (upgrade.size() == 1 && isWebSocket(headers)) {
            boolean handshake = method.equals("GET")
                    && HopHeaders.namedByConnection(headers).contains("upgrade");
            if (!handshake) {
                return Optional.of("a WebSocket handshake is a GET with Connection: Upgrade");
            }
            // The request goes on without a body. A server that waits for a body would take the frames for it.
            boolean body = headers.containsHeader(HttpHeaders.TRANSFER_ENCODING)
                    || headers.getOrEmpty(HttpHeaders.CONTENT_LENGTH).stream().anyMatch(length -> !length.equals("0"));
            if (body) {
                return Optional.of("a WebSocket handshake has no body");
            }
            boolean key = headers.getOrEmpty("Sec-WebSocket-Key").size() == 1;
            return key && List.of("13").equals(headers.getOrEmpty("Sec-WebSocket-Version"))
                    ? Optional.empty()
                    : Optional.of("a WebSocket handshake has a Sec-WebSocket-Key and Sec-WebSocket-Version: 13");
        }
        return Optional.of("no other Upgrade than websocket passes");
    }

    /**
     * Why a handshake for these operations is refused, or null.
     *
     * @param searched whether the answer is searched for a credential
     */
    static @Nullable Denial refuse(List<OperationCall> calls, boolean searched) {
        if (searched) {
            return new Denial(
                    DenyReason.MALFORMED_REQUEST,
                    "operation",
                    "answers of this path are searched for a credential, and a WebSocket's frames cannot be searched");
        }
        boolean mayUpgrade = calls.stream()
                .allMatch(call -> call.operation().effect() == Effect.CONNECT
                        || call.operation().effect() == Effect.EXECUTE);
        return mayUpgrade
                ? null
                : new Denial(
                        DenyReason.MALFORMED_REQUEST,
                        "operation",
                        "Upgrade passes only for operations that connect or execute");
    }
}
