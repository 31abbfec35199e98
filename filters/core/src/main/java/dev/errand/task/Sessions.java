package dev.errand.task;

import dev.errand.token.TokenId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The MCP sessions of one task and the tokens that received them. A session belongs to its receiver and to the tokens
 * above and below it, not to siblings (CONTRACT.md section 6). Immutable.
 *
 * @param receivers each session's receiving chain, root first; oldest session first
 */
public record Sessions(Map<SessionId, List<TokenId>> receivers) {
    /** The most sessions that one token receives; one more replaces its oldest. */
    public static final int MAX_EACH = 16;

    /** The most sessions of a task; one more is refused, so that no token ends another's. */
    public static final int MAX = 256;

    public static final Sessions NONE = new Sessions(Map.of());

    public Sessions {
        receivers = Collections.unmodifiableMap(new LinkedHashMap<>(receivers));
    }

    /**
     * Whether the leaf of that chain may use the session. A session that no token received through the gateway belongs
     * to nobody.
     */
    public boolean permits(SessionId session, List<TokenId> chain) {
        List<TokenId> receiver = receivers.get(session);
        return receiver != null && (chain.contains(leaf(receiver)) || receiver.contains(leaf(chain)));
    }

    /**
     * A copy with a session that the leaf of that chain received; a session keeps its first receiver. Null if there are
     * too many.
     */
    public @Nullable Sessions received(SessionId session, List<TokenId> chain) {
        if (receivers.containsKey(session)) {
            return this;
        }
        Map<SessionId, List<TokenId>> next = new LinkedHashMap<>(receivers);
        List<SessionId> own = new ArrayList<>();
        receivers.forEach((known, receiver) -> {
            if (leaf(receiver).equals(leaf(chain))) {
                own.add(known);
            }
        });
        if (own.size() >= MAX_EACH) {
            next.remove(own.get(0));
        } else if (next.size() >= MAX) {
            return null;
        }
        next.put(session, List.copyOf(chain));
        return new Sessions(next);
    }

    public Sessions ended(SessionId session) {
        if (!receivers.containsKey(session)) {
            return this;
        }
        Map<SessionId, List<TokenId>> next = new LinkedHashMap<>(receivers);
        next.remove(session);
        return new Sessions(next);
    }

    private static TokenId leaf(List<TokenId> chain) {
        return chain.get(chain.size() - 1);
    }
}
