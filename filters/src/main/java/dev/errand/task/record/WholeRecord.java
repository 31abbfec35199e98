package dev.errand.task.record;

import dev.errand.bytes.Sha256;
import dev.errand.delegation.TokenId;
import dev.errand.limit.BucketLevel;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.SequenceState;
import dev.errand.task.SessionId;
import dev.errand.task.TaskEpoch;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.limit.BucketName;
import dev.errand.task.state.Observation;
import dev.errand.task.state.Parts;
import dev.errand.task.state.RecordBytes;
import dev.errand.task.state.Returned;
import dev.errand.task.state.Sessions;
import dev.errand.task.state.Task;
import dev.errand.task.state.TaskLists;
import dev.errand.task.state.TokenBytes;
import dev.errand.task.state.TokenTable;
import dev.errand.task.state.UnreadSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The stored form of a {@link Task} in one piece, formats 1 and 2. Unless said otherwise, a number has a variable
 * length (7 bits in each byte, lowest first); text and bytes have their length before them.
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
 * tokens      count, then each, the root first ({@link TokenBytes})
 * sessions    count, then each, oldest first: 16 bytes of its hash, its receiving chain (count, then
 *             each token's place above)
 * </pre>
 *
 * It has no {@link Observation}, no requests for approval and no values of answers. Format 2 is still written as long
 * as replicas run whose build reads no newer format.
 */
final class WholeRecord {
    static final int FORMAT = 2;
    /**
     * A hash of the record within this range, in milliseconds, gives the {@link TaskEpoch} count that follows it a base
     * of its own.
     */
    private static final int COUNTS = 0xFFFF;

    static final int WITHOUT_SESSIONS = 1;
    private static final TaskState[] STATES = TaskState.values();

    private WholeRecord() {}

    static byte[] write(Task task, SequencePolicy sequence) {
        RecordBytes out = RecordBytes.empty();
        out.writeByte(FORMAT);
        out.writeByte(task.state().ordinal() | (task.isUntrusted() ? 4 : 0) | (task.why() != null ? 8 : 0));
        out.writeFixed(task.revision());
        out.writeVar(task.timeMillis());
        out.writeSigned(task.expiresAtMillis() - task.timeMillis());
        out.writeVar(task.calls());
        if (task.why() != null) {
            out.writeText(task.why());
        }
        out.writeVar(task.buckets().size());
        task.buckets().forEach((name, level) -> {
            out.writeText(name.operation());
            out.writeVar(name.index());
            TokenBytes.writeLevel(out, level, task.timeMillis());
        });
        out.writeBytes(
                task.sequence() instanceof UnreadSequence unread ? unread.written() : sequence.write(task.sequence()));
        out.writeVar(task.lists().returned().size());
        for (Returned returned : task.lists().returned()) {
            out.writeFixed(returned.decision());
            out.writeSigned(task.timeMillis() - returned.atMillis());
        }
        out.writeVar(task.tokens().size());
        task.tokens().forEach((id, token) -> TokenBytes.writeToken(out, id, token, task.timeMillis()));
        writeSessions(out, task);
        return out.written();
    }

    private static void writeSessions(RecordBytes out, Task task) {
        Map<SessionId, List<TokenId>> receivers = task.lists().sessions().receivers();
        out.writeVar(receivers.size());
        if (receivers.isEmpty()) {
            return;
        }
        Map<TokenId, Integer> places = new HashMap<>();
        task.tokens().forEach((id, token) -> places.put(id, places.size()));
        receivers.forEach((session, chain) -> {
            out.writeFixed(session.high());
            out.writeFixed(session.low());
            out.writeVar(chain.size());
            chain.forEach(token -> out.writeVar(Objects.requireNonNull(places.get(token))));
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
            buckets.put(new BucketName(in.readText(), in.readIndex()), TokenBytes.readLevel(in, time));
        }
        byte[] written = in.readBytes();
        SequenceState sequence = revision == Sha256.fingerprint(policy.revision())
                ? policy.sequence().read(written)
                : new UnreadSequence(written);
        List<Returned> returned = new ArrayList<>();
        for (int left = in.readCount(); left > 0; left--) {
            returned.add(new Returned(in.readFixed(), time - in.readSigned()));
        }
        TokenTable tokens = TokenTable.empty();
        List<TokenId> ids = new ArrayList<>();
        for (int left = in.readCount(); left > 0; left--) {
            TokenId id = TokenBytes.readId(in);
            ids.add(id);
            tokens.put(id, TokenBytes.readToken(in, time));
        }
        Sessions sessions = format == WITHOUT_SESSIONS ? Sessions.NONE : readSessions(in, ids);
        if (tokens.size() == 0 || !in.isAtEnd()) {
            throw new IllegalArgumentException("the record of a task is damaged");
        }
        return new Task(
                STATES[flags & 3],
                why,
                revision,
                tokens.root(),
                expiry,
                time,
                calls,
                (flags & 4) != 0,
                buckets,
                sequence,
                tokens,
                TaskLists.NONE.with(returned).with(sessions),
                0,
                time - (Arrays.hashCode(record) & COUNTS),
                null,
                Parts.NONE);
    }
}
