package dev.errand.task.record;

import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.task.CandidateState;
import dev.errand.task.Parts;
import dev.errand.task.Parts.Slot;
import dev.errand.task.RecordBytes;
import dev.errand.task.Task;
import dev.errand.task.TokenBytes;
import dev.errand.task.TokenShard;
import dev.errand.task.TokenTable;
import dev.errand.task.UnreadSequence;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The stored form of a {@link Task} in parts, format 1. The record contains everything that each call changes. A
 * list of more than {@value #LONGEST_WITHIN} bytes, and each shard of tokens, is a part of its own, which the record
 * names with its version; a step writes the parts that it changed. A part may have up to 1 MiB. Unless said
 * otherwise, a number has a variable length (7 bits in each byte, lowest first), and a text has its length before it.
 *
 * <pre>
 * format      1 byte, 1
 * flags       1 byte: bits 0-1 state, 2 untrusted, 3 a sentence follows, 4 a start follows
 * revision    8 bytes of the SHA-256 of the template revision
 * epoch       how many steps changed the task
 * base        epoch milliseconds from which all times are counted, so that unchanged lists keep their bytes
 * time        signed, milliseconds of the last step after base
 * expiry      signed, milliseconds after base
 * calls       used of the template's budget
 * sentence    text, if flagged
 * start       id of the subject token that started the task, if flagged
 * lists       buckets, sequence, returned, sessions, observation, approvals, answers and candidate, each: its length
 *             plus one, and its bytes; or 0 and the version of its part
 * tokens      how many in all; how many ended unused; count of the near ones, then each, the root first
 *             ({@link TokenBytes})
 * shards      count, then each: number (1 byte) and version
 * version     8 bytes
 *
 * part        version, then:
 *   b         buckets: count, then each: operation (text, empty for the task), index, level
 *   q         sequence as the sequence policy writes it
 *   r         returned: count, then each: 8 bytes of the decision's SHA-256, signed milliseconds before base
 *   s         sessions: count, then each, oldest first: 16 bytes of its hash, its receiving chain (count, then ids)
 *   o         observation: whether over, count, then each token: id, whether cut, count, then times (signed
 *             milliseconds after base)
 *   a         approvals ({@link ApprovalBytes})
 *   v         values of answers ({@link AnswerValues})
 *   c         the state of a candidate ({@link CandidateState})
 *   t0..t63   shard of tokens: count, then each
 * </pre>
 */
final class PartedRecord {
    static final int FORMAT = 1;

    /** The most bytes of a list within the record; a longer one is a part of its own. */
    static final int LONGEST_WITHIN = 256;

    static final String BUCKETS = "b";
    static final String SEQUENCE = "q";
    static final String RETURNED = "r";
    static final String SESSIONS = "s";
    static final String OBSERVATION = "o";
    static final String APPROVALS = "a";
    static final String ANSWERS = "v";
    static final String CANDIDATE = "c";

    private final Task task;
    private final long version;
    private final List<StoredTask.Part> written = new ArrayList<>(2);
    private final RecordBytes out = RecordBytes.empty();

    private PartedRecord(Task task, long version) {
        this.task = task;
        this.version = version;
    }

    static String shardName(int number) {
        return "t" + number;
    }

    /** @param version the version of the parts that are written; random, and never {@link Parts#UNSTORED} */
    static StoredTask write(Task task, SequencePolicy sequence, long version) {
        return new PartedRecord(task, version).write(sequence);
    }

    private StoredTask write(SequencePolicy sequence) {
        head();
        Parts known = task.parts();
        Parts stored = new Parts(
                list(BUCKETS, known.buckets(), () -> ListBytes.buckets(task)),
                list(
                        SEQUENCE,
                        known.sequence(),
                        () -> task.sequence() instanceof UnreadSequence unread
                                ? unread.written()
                                : sequence.write(task.sequence())),
                list(RETURNED, known.returned(), () -> ListBytes.returned(task)),
                list(SESSIONS, known.sessions(), () -> ListBytes.sessions(task)),
                list(
                        OBSERVATION,
                        known.observation(),
                        () -> task.lists().observation().write(task.baseMillis())),
                list(
                        APPROVALS,
                        known.approvals(),
                        () -> ApprovalBytes.write(task.lists().approvals())),
                list(ANSWERS, known.answers(), task.lists().answers()::write),
                list(
                        CANDIDATE,
                        known.candidate(),
                        () -> task.lists().candidate().written(task.baseMillis())));
        TokenTable tokens = tokens();
        return new StoredTask(task.stored(tokens, stored), out.written(), written);
    }

    private void head() {
        out.writeByte(FORMAT);
        out.writeByte(task.state().ordinal()
                | (task.isUntrusted() ? 4 : 0)
                | (task.why() != null ? 8 : 0)
                | (task.start() != null ? 16 : 0));
        out.writeFixed(task.revision());
        out.writeVar(task.steps());
        out.writeVar(task.baseMillis());
        out.writeSigned(task.timeMillis() - task.baseMillis());
        out.writeSigned(task.expiresAtMillis() - task.baseMillis());
        out.writeVar(task.calls());
        if (task.why() != null) {
            out.writeText(task.why());
        }
        if (task.start() != null) {
            TokenBytes.writeId(out, task.start());
        }
    }

    /** Encodes a list. */
    private interface Encoding {
        byte[] bytes();
    }

    private Slot list(String name, @Nullable Slot known, Encoding encoding) {
        Slot slot = known != null ? known : encoded(name, encoding.bytes());
        byte[] within = slot.bytes();
        if (within == null) {
            out.writeVar(0);
            out.writeFixed(slot.version());
        } else {
            out.writeVar(within.length + 1L);
            out.writeRaw(within);
        }
        return slot;
    }

    private Slot encoded(String name, byte[] bytes) {
        if (bytes.length <= LONGEST_WITHIN) {
            return new Slot(bytes, Parts.UNSTORED);
        }
        part(name, bytes);
        return new Slot(null, version);
    }

    private void part(String name, byte[] bytes) {
        RecordBytes part = RecordBytes.ofSize(bytes.length + Long.BYTES);
        part.writeFixed(version);
        part.writeRaw(bytes);
        written.add(new StoredTask.Part(name, part.written()));
    }

    private TokenTable tokens() {
        out.writeVar(task.tokens().size());
        out.writeVar(task.tokens().unused());
        shard(out, task.tokens().near());
        if (!task.tokens().hasShards()) {
            out.writeVar(0);
            return task.tokens();
        }
        @Nullable TokenShard[] stored = new TokenShard[TokenShard.COUNT];
        int count = 0;
        for (int number = 0; number < stored.length; number++) {
            TokenShard shard = task.tokens().shard(number);
            if (shard != null) {
                count++;
                stored[number] = shard.version() == Parts.UNSTORED ? written(number, shard) : shard;
            }
        }
        out.writeVar(count);
        for (int number = 0; number < stored.length; number++) {
            TokenShard shard = stored[number];
            if (shard != null) {
                out.writeByte(number);
                out.writeFixed(shard.version());
            }
        }
        return task.tokens().with(stored);
    }

    private TokenShard written(int number, TokenShard shard) {
        RecordBytes bytes = RecordBytes.empty();
        shard(bytes, shard);
        part(shardName(number), bytes.written());
        return shard.stored(version);
    }

    private void shard(RecordBytes bytes, TokenShard shard) {
        bytes.writeVar(shard.size());
        for (int i = 0; i < shard.size(); i++) {
            TokenBytes.writeToken(bytes, shard.id(i), shard.record(i), task.baseMillis());
        }
    }
}
