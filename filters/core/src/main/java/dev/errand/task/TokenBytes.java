package dev.errand.task;

import dev.errand.limit.BucketLevel;
import dev.errand.token.TokenId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Tokens and levels as all formats of a task's record have them; times are counted from one that the record names.
 *
 * <pre>
 * token  id, flags (1 byte: bit 0 permitted, 1 revoked, 2 cut, 3 a sentence follows), calls, children, sentence,
 *        levels (count, then place and level), denials (count, then signed milliseconds before the base and kind)
 * level  signed nanoseconds before the base of the last refill; signed tokens; signed rounding error
 * id     a zero byte and 32 bytes, or the length and bytes of a text in another form
 * </pre>
 */
public final class TokenBytes {
    private TokenBytes() {}

    public static void writeToken(RecordBytes out, TokenId id, TokenRecord token, long baseMillis) {
        writeId(out, id);
        out.writeByte((token.permitted() ? 1 : 0)
                | (token.ended() == TaskState.COMPLETED ? 2 : 0)
                | (token.ended() == TaskState.INTERRUPTED ? 4 : 0)
                | (token.why() != null ? 8 : 0));
        out.writeVar(token.calls());
        out.writeVar(token.children());
        if (token.why() != null) {
            out.writeText(token.why());
        }
        out.writeVar(token.levels().size());
        for (int place = 0; place < token.levels().places(); place++) {
            BucketLevel level = token.levels().get(place);
            if (level != null) {
                out.writeVar(place);
                writeLevel(out, level, baseMillis);
            }
        }
        out.writeVar(token.denials().size());
        token.denials().forEach(denial -> denial.write(out, baseMillis));
    }

    public static void writeLevel(RecordBytes out, BucketLevel level, long baseMillis) {
        out.writeSigned(TimeUnit.MILLISECONDS.toNanos(baseMillis) - level.refilledAtNanos());
        out.writeSigned(level.tokens());
        out.writeSigned(level.roundingError());
    }

    public static void writeId(RecordBytes out, TokenId id) {
        if (id.isSha256()) {
            out.writeByte(0);
            out.writeHash(id);
        } else {
            out.writeText(id.hash());
        }
    }

    public static TokenRecord readToken(RecordBytes in, long baseMillis) {
        int flags = in.readByte();
        long calls = in.readVar();
        long children = in.readVar();
        String why = (flags & 8) != 0 ? in.readText() : null;
        TokenLevels levels = TokenLevels.FULL;
        for (int left = in.readCount(); left > 0; left--) {
            levels = levels.with(in.readIndex(), readLevel(in, baseMillis));
        }
        List<CountedDenial> denials = new ArrayList<>();
        for (int left = in.readCount(); left > 0; left--) {
            denials.add(CountedDenial.read(in, baseMillis));
        }
        TaskState ended = (flags & 2) != 0 ? TaskState.COMPLETED : (flags & 4) != 0 ? TaskState.INTERRUPTED : null;
        return new TokenRecord((flags & 1) != 0, ended, why, calls, children, levels, denials);
    }

    public static BucketLevel readLevel(RecordBytes in, long baseMillis) {
        return new BucketLevel(
                TimeUnit.MILLISECONDS.toNanos(baseMillis) - in.readSigned(), in.readSigned(), in.readSigned());
    }

    public static TokenId readId(RecordBytes in) {
        int length = in.readCount();
        return length == 0
                ? TokenId.ofSha256(in.readRaw(TokenId.SHA256_BYTES))
                : new TokenId(new String(in.readRaw(length), StandardCharsets.UTF_8));
    }
}
