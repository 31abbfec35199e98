package dev.errand.state.redis;

import dev.errand.jose.ProofClaim;
import dev.errand.task.TaskKey;
import java.nio.charset.StandardCharsets;

/**
 * The names of everything that is stored for one task: one hash, and its fields. The task's name is in braces, so that
 * the confirmation's mark shares the hash's slot of a cluster.
 */
final class TaskKeys {
    /** The first letters of the fields that mark a proof. */
    static final byte USED = 'j';

    static final byte DENIED = 'd';

    /** 126 bits. A field of 22 bytes fills a block of the store's memory. */
    private static final int HASH_CHARACTERS = 21;

    private static final String PART = "p:";

    private final String task;
    private final byte[] record;

    TaskKeys(TaskKey key) {
        task = "{" + key.value() + "}";
        record = ascii(task);
    }

    /** The key of the hash, under which the record is sealed. */
    byte[] record() {
        return record;
    }

    /** The name under which a part is sealed. */
    byte[] part(String name) {
        return ascii(task + PART + name);
    }

    /** A key that is written only to see when the write reaches a replica of the store. */
    byte[] mark() {
        return ascii(task + "w");
    }

    static byte[] partField(String name) {
        return ascii(PART + name);
    }

    /** The field of a used proof. */
    static byte[] used(ProofClaim proof) {
        return proof(USED, proof);
    }

    /** The field of an unused proof whose denial was counted. */
    static byte[] denied(ProofClaim proof) {
        return proof(DENIED, proof);
    }

    private static byte[] proof(byte kind, ProofClaim proof) {
        int length = Math.min(proof.hash().length(), HASH_CHARACTERS);
        byte[] field = new byte[1 + length];
        field[0] = kind;
        for (int i = 0; i < length; i++) {
            field[1 + i] = (byte) proof.hash().charAt(i);
        }
        return field;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
