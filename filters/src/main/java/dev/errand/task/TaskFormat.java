package dev.errand.task;

import dev.errand.bytes.Sha256;
import dev.errand.delegation.TokenId;
import dev.errand.limit.BucketLevel;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.SequenceState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The stored form of a {@link Task}. A number is of variable length (7 bits a byte, low first) unless said otherwise;
 * text and bytes have their length before them.
 *
 * <pre>
 * format      1 byte, 2; 1 has no sessions
 * flags       1 byte: bits 0-1 state, 2 untrusted, 3 a sentence follows
 * revision    8 bytes of the SHA-256 of the template revision
 * time        epoch milliseconds of the last step
 * expiry      signed, milliseconds after time
 * calls       used of the template's budget
 * sentence    text, if flagged
 * buckets     count, then each: operation (text, empty for the task), index, level
 * sequence    bytes as the sequence policy writes them
 * returned    count, then each: 8 bytes of the decision's SHA-256, signed milliseconds before time
 * tokens      count, then each, the root first: id, flags (bit 0 permitted, 1 revoked, 2 cut, 3 a sentence follows),
 *             calls, children, sentence, levels (count, then index and level), denials (count, milliseconds before time)
 * sessions    count, then each, oldest first: 16 bytes of its hash, its receiving chain (count, then each token's place above)
 * level       signed nanoseconds before time of the last refill; signed tokens; signed rounding error
 * id          32 bytes behind a zero byte, or a text of another form behind its length
 * </pre>
 *
 * The store puts 8 random bytes, the tag, in front.
 */
final class TaskFormat {
    private static final int FORMAT = 2;
    private static final int WITHOUT_SESSIONS = 1;
    private static final TaskState[] STATES = TaskState.values();

    private TaskFormat() {}

    static long fingerprint(String text) {
        return ByteBuffer.wrap(Sha256.of(text)).getLong();
    }

    static byte[] write(Task task, SequencePolicy sequence) {
        RecordBytes out = RecordBytes.empty();
        out.writeByte(FORMAT);
        out.writeByte(task.state.ordinal() | (task.untrusted ? 4 : 0) | (task.why != null ? 8 : 0));
        out.writeFixed(task.revision);
        out.writeVar(task.timeMillis);
        out.writeSigned(task.expiresAtMillis - task.timeMillis);
        out.writeVar(task.calls);
        if (task.why != null) {
            out.writeText(task.why);
        }
        out.writeVar(task.buckets.size());
        task.buckets.forEach((name, level) -> {
            out.writeText(name.operation());
            out.writeVar(name.index());
            writeLevel(out, level, task.timeMillis);
        });
        out.writeBytes(
                task.sequence instanceof UnreadSequence unread ? unread.written() : sequence.write(task.sequence));
        out.writeVar(task.returned.size());
        for (Returned returned : task.returned) {
            out.writeFixed(returned.decision());
            out.writeSigned(task.timeMillis - returned.atMillis());
        }
        out.writeVar(task.tokens.size());
        int place = 0;
        for (TokenId id : task.tokens.ids()) {
            writeToken(out, id, task.tokens.at(place++), task.timeMillis);
        }
        writeSessions(out, task);
        return out.written();
    }

    private static void writeSessions(RecordBytes out, Task task) {
        Map<SessionId, List<TokenId>> receivers = task.sessions.receivers();
        out.writeVar(receivers.size());
        if (receivers.isEmpty()) {
            return;
        }
        receivers.forEach((session, chain) -> {
            out.writeFixed(session.high());
            out.writeFixed(session.low());
            out.writeVar(chain.size());
            chain.forEach(token -> out.writeVar(Objects.requireNonNull(task.tokens.place(token))));
        });
    }

    private static Sessions readSessions(RecordBytes in, List<TokenId> places) {
        Map<SessionId, List<TokenId>> receivers = new LinkedHashMap<>();
        for (int left = in.readCount(); left > 0; left--) {
            SessionId session = new SessionId(in.readFixed(), in.readFixed());
            List<TokenId> chain = new ArrayList<>();
            for (int depth = in.readCount(); depth > 0; depth--) {
                int place = in.readIndex();
                if (place >= places.size()) {
                    throw new IllegalArgumentException("a session in the record names no token of it");
                }
                chain.add(places.get(place));
            }
            if (chain.isEmpty()) {
                throw new IllegalArgumentException("a session in the record has no receiver");
            }
            receivers.put(session, chain);
        }
        return receivers.isEmpty() ? Sessions.NONE : new Sessions(receivers);
    }

    private static void writeToken(RecordBytes out, TokenId id, TokenRecord token, long timeMillis) {
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
                writeLevel(out, level, timeMillis);
            }
        }
        out.writeVar(token.denialsMillis().size());
        for (long denial : token.denialsMillis()) {
            out.writeSigned(timeMillis - denial);
        }
    }

    private static void writeLevel(RecordBytes out, BucketLevel level, long timeMillis) {
        out.writeSigned(TimeUnit.MILLISECONDS.toNanos(timeMillis) - level.refilledAtNanos());
        out.writeSigned(level.tokens());
        out.writeSigned(level.roundingError());
    }

    private static void writeId(RecordBytes out, TokenId id) {
        if (id.isSha256()) {
            out.writeByte(0);
            out.writeHash(id);
        } else {
            out.writeText(id.hash());
        }
    }

    static Task read(byte[] record, int offset, TaskPolicy policy) {
        RecordBytes in = RecordBytes.of(record, offset);
        int format = in.readByte();
        if (format != FORMAT && format != WITHOUT_SESSIONS) {
            throw new IllegalArgumentException("the record of a task has an unknown format");
        }
        int flags = in.readByte();
        long revision = in.readFixed();
        long time = in.readVar();
        long expiry = time + in.readSigned();
        long calls = in.readVar();
        String why = (flags & 8) != 0 ? in.readText() : null;
        Map<BucketName, BucketLevel> buckets = new HashMap<>();
        for (int left = in.readCount(); left > 0; left--) {
            buckets.put(new BucketName(in.readText(), in.readIndex()), readLevel(in, time));
        }
        byte[] written = in.readBytes();
        SequenceState sequence = revision == fingerprint(policy.revision())
                ? policy.sequence().read(written)
                : new UnreadSequence(written);
        List<Returned> returned = new ArrayList<>();
        for (int left = in.readCount(); left > 0; left--) {
            returned.add(new Returned(in.readFixed(), time - in.readSigned()));
        }
        TokenTable tokens = TokenTable.empty();
        for (int left = in.readCount(); left > 0; left--) {
            tokens.put(readId(in), readToken(in, time));
        }
        Sessions sessions = format == WITHOUT_SESSIONS ? Sessions.NONE : readSessions(in, List.copyOf(tokens.ids()));
        if (tokens.size() == 0 || !in.isAtEnd()) {
            throw new IllegalArgumentException("the record of a task is damaged");
        }
        return new Task(
                STATES[flags & 3],
                why,
                revision,
                tokens.ids().iterator().next(),
                expiry,
                time,
                calls,
                (flags & 4) != 0,
                buckets,
                sequence,
                returned,
                tokens,
                sessions);
    }

    private static TokenRecord readToken(RecordBytes in, long time) {
        int flags = in.readByte();
        long calls = in.readVar();
        long children = in.readVar();
        String why = (flags & 8) != 0 ? in.readText() : null;
        TokenLevels levels = TokenLevels.FULL;
        for (int left = in.readCount(); left > 0; left--) {
            levels = levels.with(in.readIndex(), readLevel(in, time));
        }
        List<Long> denials = new ArrayList<>();
        for (int left = in.readCount(); left > 0; left--) {
            denials.add(time - in.readSigned());
        }
        TaskState ended = (flags & 2) != 0 ? TaskState.COMPLETED : (flags & 4) != 0 ? TaskState.INTERRUPTED : null;
        return new TokenRecord((flags & 1) != 0, ended, why, calls, children, levels, denials);
    }

    private static BucketLevel readLevel(RecordBytes in, long time) {
        return new BucketLevel(TimeUnit.MILLISECONDS.toNanos(time) - in.readSigned(), in.readSigned(), in.readSigned());
    }

    private static TokenId readId(RecordBytes in) {
        int length = in.readCount();
        return length == 0
                ? TokenId.ofSha256(in.readRaw(TokenId.SHA256_BYTES))
                : new TokenId(new String(in.readRaw(length), StandardCharsets.UTF_8));
    }
}
