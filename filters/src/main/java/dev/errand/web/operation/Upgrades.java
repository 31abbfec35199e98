package dev.errand.web.operation;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.operation.Effect;
import dev.errand.operation.OperationCall;
import dev.errand.web.request.HopHeaders;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** Protocol upgrades: WebSocket only, and only for operations that connect or execute. */
public final class Upgrades {
    private Upgrades() {}

    public static boolean isWebSocket(HttpHeaders headers) {
        return "websocket".equalsIgnoreCase(headers.getFirst(HttpHeaders.UPGRADE));
    }

    static Optional<String> refuse(String method, HttpHeaders headers) {
        List<String> upgrade = headers.getOrEmpty(HttpHeaders.UPGRADE);
        if (upgrade.isEmpty()) {
            return Optional.empty();
        }
        if (upgrade.size() == 1 && isWebSocket(headers)) {
            boolean handshake = method.equals("GET")
                    && HopHeaders.namedByConnection(headers).contains("upgrade");
            if (!handshake) {
                return Optional.of("a WebSocket handshake is a GET with Connection: Upgrade");
            }
            // What is sent on has no body, and a server that waits for one would take frames for it.
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
                    "an answer of this path is searched for a credential, which a WebSocket's frames cannot be");
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
