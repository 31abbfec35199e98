package dev.errand.task;

import dev.errand.token.TokenId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The consequences that denials would have had in a task that is only observed: whether it would have ended, and which
 * denials and cuts its tokens would have. Immutable.
 *
 * @param over whether the whole task would have ended
 * @param tokens the tokens with such denials or cuts, at most {@value #MOST}
 */
public record Observation(boolean over, Map<TokenId, Watched> tokens) {
    /** The most tokens. A denial for one more token is counted at the token above it. */
    static final int MOST = 64;

    static final Observation NONE = new Observation(false, Map.of());

    /**
     * The consequences for one token.
     *
     * @param cut whether the token would have been ended, with all tokens below it
     * @param denials the denials that would have been counted, oldest first
     */
    record Watched(boolean cut, List<CountedDenial> denials) {
        Watched {
            denials = List.copyOf(denials);
        }
    }

    public Observation {
        tokens = Map.copyOf(tokens);
    }

    /** Whether a call under that chain would have found its task, or a token of the chain, ended. */
    public boolean isOver(List<TokenAccount> chain) {
        if (over || tokens.isEmpty()) {
            return over;
        }
        for (TokenAccount account : chain) {
            Watched token = tokens.get(account.id());
            if (token != null && token.cut()) {
                return true;
            }
        }
        return false;
    }

    public List<CountedDenial> denials(TokenId id) {
        Watched token = tokens.get(id);
        return token == null ? List.of() : token.denials();
    }

    public Observation ended() {
        return new Observation(true, Map.of());
    }

    /** A copy in which that token is cut; null if there is no room for one more token. */
    public @Nullable Observation cut(TokenId id) {
        return with(id, new Watched(true, List.of()));
    }

    /** A copy with that token's denials; null if there is no room for one more token. */
    public @Nullable Observation counted(TokenId id, List<CountedDenial> denials) {
        return with(id, new Watched(false, denials));
    }

    private @Nullable Observation with(TokenId id, Watched watched) {
        if (tokens.size() >= MOST && !tokens.containsKey(id)) {
            return null;
        }
        Map<TokenId, Watched> next = new HashMap<>(tokens);
        next.put(id, watched);
        return new Observation(false, next);
    }

    /** The stored form; empty if no denial would have had consequences. */
    public byte[] write(long base) {
        if (this.equals(NONE)) {
            return new byte[0];
        }
        RecordBytes out = RecordBytes.empty();
        out.writeByte(over ? 1 : 0);
        out.writeVar(tokens.size());
        tokens.forEach((id, watched) -> {
            TokenBytes.writeId(out, id);
            out.writeByte(watched.cut() ? 1 : 0);
            out.writeVar(watched.denials().size());
            watched.denials().forEach(denial -> denial.write(out, base));
        });
        return out.written();
    }

    public static Observation read(RecordBytes in, long base) {
        if (in.isAtEnd()) {
            return NONE;
        }
        boolean over = in.readByte() != 0;
        Map<TokenId, Watched> tokens = new HashMap<>();
        for (int left = in.readCount(); left > 0; left--) {
            TokenId id = TokenBytes.readId(in);
            boolean cut = in.readByte() != 0;
            CountedDenial[] denials = new CountedDenial[in.readCount()];
            for (int i = 0; i < denials.length; i++) {
                denials[i] = CountedDenial.read(in, base);
            }
            tokens.put(id, new Watched(cut, List.of(denials)));
        }
        return new Observation(over, tokens);
    }
}
