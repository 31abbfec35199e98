package dev.errand.state.redis;

import dev.errand.task.ProofClaim;
import dev.errand.task.TaskKey;
import java.nio.charset.StandardCharsets;

/**
 * The keys of everything that is stored for one task. The task's name is in braces, so that all keys share a slot of a
 * cluster.
 */
final class TaskKeys {
    private static final int HASH_CHARACTERS = 22;

    private final String task;
    private final byte[] record;

    TaskKeys(TaskKey key) {
        task = "{" + key.value() + "}";
        record = task.getBytes(StandardCharsets.US_ASCII);
    }

    byte[] record() {
        return record;
    }

    byte[] part(String name) {
        return (task + "p:" + name).getBytes(StandardCharsets.US_ASCII);
    }

    /** A key that is written only to see when the write reaches a replica of the store. */
    byte[] mark() {
        return (task + "w").getBytes(StandardCharsets.US_ASCII);
    }

    /** The key of a used proof. */
    byte[] used(ProofClaim proof) {
        return proof("j", proof);
    }

    /** The key of an unused proof whose denial was counted. */
    byte[] denied(ProofClaim proof) {
        return proof("d", proof);
    }

    private byte[] proof(String kind, ProofClaim proof) {
        String hash =
                proof.hash().length() > HASH_CHARACTERS ? proof.hash().substring(0, HASH_CHARACTERS) : proof.hash();
        return (task + kind + ":" + hash).getBytes(StandardCharsets.UTF_8);
    }
}
