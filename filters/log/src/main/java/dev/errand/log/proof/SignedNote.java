package dev.errand.log.proof;

import dev.errand.token.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Text with signatures (C2SP signed-note). Immutable. Do not trust the text until a signature is verified.
 *
 * @param text ends in a newline
 * @param signatures at least one
 */
public record SignedNote(String text, List<Signature> signatures) {
    /** The longest note that is read, in bytes. */
    public static final int MAX_LENGTH = 1 << 17;

    private static final int MAX_SIGNATURES = 64;
    private static final String DASH = "\u2014 ";
    private static final byte ED25519 = 1;

    public SignedNote {
        signatures = List.copyOf(signatures);
    }

    /**
     * One signature line.
     *
     * @param name the key's name
     * @param keyId the first four bytes of the key's hash
     * @param value the signature itself
     */
    public record Signature(String name, int keyId, byte[] value) {}

    /** Reads a note; empty if it is not one. */
    public static Optional<SignedNote> parse(byte[] bytes) {
        String note;
        try {
            note = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
        int blank = note.lastIndexOf("\n\n");
        if (bytes.length > MAX_LENGTH
                || blank < 0
                || !note.endsWith("\n")
                || note.chars().anyMatch(c -> c < 0x20 && c != '\n')) {
            return Optional.empty();
        }
        List<Signature> signatures = new ArrayList<>();
        String[] lines = note.substring(blank + 2).split("\n", -1);
        for (int i = 0; i < lines.length - 1; i++) {
            Optional<Signature> signature = signature(lines[i]);
            if (signature.isEmpty() || signatures.size() == MAX_SIGNATURES) {
                return Optional.empty();
            }
            signatures.add(signature.get());
        }
        return signatures.isEmpty()
                ? Optional.empty()
                : Optional.of(new SignedNote(note.substring(0, blank + 1), signatures));
    }

    private static Optional<Signature> signature(String line) {
        int space = line.indexOf(' ', DASH.length());
        if (!line.startsWith(DASH) || space < 0 || !isKeyName(line.substring(DASH.length(), space))) {
            return Optional.empty();
        }
        return base64(line.substring(space + 1))
                .filter(value -> value.length > 4)
                .map(value -> new Signature(
                        line.substring(DASH.length(), space),
                        ByteBuffer.wrap(value).getInt(),
                        Arrays.copyOfRange(value, 4, value.length)));
    }

    /** Writes a note with one Ed25519 signature. */
    public static byte[] write(byte[] text, String name, byte[] publicKey, byte[] signature) {
        Signature only = new Signature(name, keyId(name, publicKey), signature);
        return new SignedNote(new String(text, StandardCharsets.UTF_8), List.of(only)).bytes();
    }

    /** The note as {@link #parse} reads it. */
    public byte[] bytes() {
        StringBuilder note = new StringBuilder(text).append('\n');
        for (Signature one : signatures) {
            byte[] value = ByteBuffer.allocate(4 + one.value().length)
                    .putInt(one.keyId())
                    .put(one.value())
                    .array();
            note.append(DASH).append(one.name()).append(' ');
            note.append(Base64.getEncoder().encodeToString(value)).append('\n');
        }
        return note.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The id of an Ed25519 key under that name. */
    public static int keyId(String name, byte[] publicKey) {
        MessageDigest sha256 = Sha256.create();
        sha256.update((name + "\n").getBytes(StandardCharsets.UTF_8));
        sha256.update(ED25519);
        return ByteBuffer.wrap(sha256.digest(publicKey)).getInt();
    }

    /** Whether the text can be a key's name: not empty, no Unicode space, no plus sign, no control character. */
    static boolean isKeyName(String name) {
        return !name.isEmpty()
                && name.codePoints()
                        .noneMatch(c -> c == '+'
                                || c < 0x20
                                || c == 0x85
                                || Character.isSpaceChar(c)
                                || Character.isWhitespace(c));
    }

    /** Decodes standard base64; accepts only the spelling that encoding produces. */
    static Optional<byte[]> base64(String text) {
        try {
            byte[] value = Base64.getDecoder().decode(text);
            return Base64.getEncoder().encodeToString(value).equals(text) ? Optional.of(value) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
