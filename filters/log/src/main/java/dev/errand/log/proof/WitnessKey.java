package dev.errand.log.proof;

import dev.errand.token.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The Ed25519 key of a witness (C2SP tlog-cosignature). Immutable.
 *
 * @param name the name of the key, in signature lines
 * @param publicKey the raw key, 32 bytes
 */
public record WitnessKey(String name, byte[] publicKey) {
    private static final byte COSIGNATURE_V1 = 4;
    private static final int TIME_BYTES = Long.BYTES;

    /**
     * Reads a verifier key (C2SP signed-note) of type 0x04: {@code name+hex key id+base64}.
     *
     * @throws IllegalArgumentException if it is none; the message says why
     */
    public static WitnessKey parse(String vkey) {
        String[] parts = vkey.split("\\+", 3);
        byte[] value = parts.length == 3 ? SignedNote.base64(parts[2]).orElse(new byte[0]) : new byte[0];
        if (value.length != 33 || !SignedNote.isKeyName(parts[0])) {
            throw new IllegalArgumentException("not a vkey of an Ed25519 key: name+id+base64");
        }
        if (value[0] != COSIGNATURE_V1) {
            throw new IllegalArgumentException("a vkey of type 0x0" + value[0]
                    + ": a witness has one of type 0x04 (Ed25519 cosignatures), other types do not count");
        }
        WitnessKey key = new WitnessKey(parts[0], Arrays.copyOfRange(value, 1, value.length));
        if (!parts[1].equals(HexFormat.of().toHexDigits(key.id()))) {
            throw new IllegalArgumentException("its key id is not that of its name and key");
        }
        return key;
    }

    /** The first four bytes of the key's hash. */
    int id() {
        MessageDigest sha256 = Sha256.create();
        sha256.update((name + "\n").getBytes(StandardCharsets.UTF_8));
        sha256.update(COSIGNATURE_V1);
        return ByteBuffer.wrap(sha256.digest(publicKey)).getInt();
    }

    /** The signature of this key on the note, if it is there and good. */
    public Optional<SignedNote.Signature> cosignature(SignedNote note) {
        return note.signatures().stream()
                .filter(signature -> signature.name().equals(name) && signature.keyId() == id())
                .filter(signature -> isGood(signature.value(), note.text()))
                .findFirst();
    }

    private boolean isGood(byte[] value, String text) {
        if (value.length <= TIME_BYTES) {
            return false;
        }
        long time = ByteBuffer.wrap(value).getLong();
        byte[] message = ("cosignature/v1\ntime " + time + "\n" + text).getBytes(StandardCharsets.UTF_8);
        return time > 0
                && CheckpointKeys.verify(publicKey, message, Arrays.copyOfRange(value, TIME_BYTES, value.length));
    }
}
