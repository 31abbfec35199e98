package dev.errand.task.record;

import dev.errand.limit.BucketLevel;
import dev.errand.task.BucketName;
import dev.errand.task.GivenBack;
import dev.errand.task.RecordBytes;
import dev.errand.task.SessionId;
import dev.errand.task.Sessions;
import dev.errand.task.Task;
import dev.errand.task.TokenBytes;
import dev.errand.task.TokenRecord;
import dev.errand.task.TokenShard;
import dev.errand.token.TokenId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The stored form of the lists of buckets, of given-back decisions, of MCP sessions and of tokens; layout:
 * {@link PartedRecord}.
 */
final class ListBytes {
    private ListBytes() {}

    static byte[] buckets(Task task) {
        RecordBytes list = RecordBytes.empty();
        list.writeVar(task.buckets().size());
        task.buckets().forEach((name, level) -> {
            list.writeText(name.operation());
            list.writeVar(name.index());
            TokenBytes.writeLevel(list, level, task.baseMillis());
        });
        return list.written();
    }

    static byte[] returned(Task task) {
        if (task.lists().returned().isEmpty()) {
            return new byte[1];
        }
        RecordBytes list = RecordBytes.empty();
        list.writeVar(task.lists().returned().size());
        for (GivenBack each : task.lists().returned()) {
            list.writeFixed(each.decision());
            list.writeSigned(task.baseMillis() - each.atMillis());
        }
        return list.written();
    }

    static byte[] sessions(Task task) {
        if (task.lists().sessions().receivers().isEmpty()) {
            return new byte[1];
        }
        RecordBytes list = RecordBytes.empty();
        list.writeVar(task.lists().sessions().receivers().size());
        task.lists().sessions().receivers().forEach((session, chain) -> {
            list.writeFixed(session.high());
            list.writeFixed(session.low());
            list.writeVar(chain.size());
            chain.forEach(token -> TokenBytes.writeId(list, token));
        });
        return list.written();
    }

    static Map<BucketName, BucketLevel> buckets(RecordBytes list, long base) {
        Map<BucketName, BucketLevel> buckets = new HashMap<>();
        for (int left = list.readCount(); left > 0; left--) {
            buckets.put(BucketName.of(list.readText(), list.readIndex()), TokenBytes.readLevel(list, base));
        }
        return buckets;
    }

    static List<GivenBack> returned(RecordBytes list, long base) {
        List<GivenBack> returned = new ArrayList<>();
        for (int left = list.readCount(); left > 0; left--) {
            returned.add(new GivenBack(list.readFixed(), base - list.readSigned()));
        }
        return returned;
    }

    static Sessions sessions(RecordBytes list) {
        Map<SessionId, List<TokenId>> receivers = new LinkedHashMap<>();
        for (int left = list.readCount(); left > 0; left--) {
            SessionId session = new SessionId(list.readFixed(), list.readFixed());
            List<TokenId> chain = new ArrayList<>();
            for (int depth = list.readCount(); depth > 0; depth--) {
                chain.add(TokenBytes.readId(list));
            }
            if (chain.isEmpty()) {
                throw new IllegalArgumentException("a session in the record has no receiver");
            }
            receivers.put(session, chain);
        }
        return receivers.isEmpty() ? Sessions.NONE : new Sessions(receivers);
    }

    static TokenShard shard(RecordBytes bytes, long base) {
        int count = bytes.readCount();
        TokenId[] ids = new TokenId[count];
        TokenRecord[] records = new TokenRecord[count];
        for (int i = 0; i < count; i++) {
            ids[i] = TokenBytes.readId(bytes);
            records[i] = TokenBytes.readToken(bytes, base);
        }
        return TokenShard.of(ids, records);
    }
}
