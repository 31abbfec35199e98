package dev.errand.issuer;

import dev.errand.state.KeptAnswer;
import dev.errand.token.Base64Url;
import dev.errand.token.Human;
import dev.errand.token.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a start: the values by which a repeated request makes the same token again, and whose task it is. The request
 * itself has the rest. A sheet takes about 170 bytes; the token would take 2,000. Immutable.
 *
 * @param taskId the task, {@code t-} and 16 bytes as base64url
 * @param issuedAt epoch seconds
 * @param lifetimeSeconds how long the task may live
 * @param key the short hash of the id of the key that signed the token
 * @param revision {@code sha-256:} digest of the template
 * @param inputHash the first 16 bytes of the SHA-256 of the token's signing input
 * @param template the template's name
 * @param human who started the task
 * @param agent the root's agent
 * @param plan the digest of the narrower plan that governs the task, or null
 * @param errand the id of the standing errand of which the task is a run; empty for any other task
 * @param run the number of this run; 0 for any other task
 * @param calls how many calls this run took; 0 for any other task
 */
public record StartSheet(
        String taskId,
        long issuedAt,
        long lifetimeSeconds,
        String key,
        String revision,
        String inputHash,
        String template,
        Human human,
        String agent,
        @Nullable String plan,
        String errand,
        int run,
        long calls) {
    private static final int FORMAT = 1;
    private static final int RANDOM_BYTES = 16;
    private static final int DIGEST_BYTES = 32;
    private static final int KEY_BYTES = 8;
    private static final String TASK = "t-";
    private static final String REVISION = "sha-256:";

    KeptAnswer write() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(192);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.write(decode(taskId.substring(TASK.length()), RANDOM_BYTES));
            out.writeInt((int) issuedAt);
            out.writeInt((int) lifetimeSeconds);
            out.write(decode(inputHash, RANDOM_BYTES));
            out.write(decode(revision.substring(REVISION.length()), DIGEST_BYTES));
            out.write(decode(key, KEY_BYTES));
            for (String text :
                    new String[] {template, human.issuer(), human.subject(), agent, plan == null ? "" : plan}) {
                out.writeUTF(text);
            }
            if (run > 0) {
                out.writeUTF(errand);
                out.writeInt(run);
                out.writeLong(calls);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return new KeptAnswer(bytes.toByteArray());
    }

    /** Reads a sheet; an {@link IllegalStateException} for bytes that {@link #write} did not write. */
    public static StartSheet read(KeptAnswer kept) {
        byte[] bytes = kept.bytes();
        if (bytes.length == 0 || bytes[0] != FORMAT) {
            throw new IllegalStateException("a kept start is not readable");
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, 1, bytes.length - 1))) {
            String task = TASK + Base64Url.encode(in.readNBytes(RANDOM_BYTES));
            long issuedAt = Integer.toUnsignedLong(in.readInt());
            long lifetime = Integer.toUnsignedLong(in.readInt());
            String hash = Base64Url.encode(in.readNBytes(RANDOM_BYTES));
            String revision = REVISION + Base64Url.encode(in.readNBytes(DIGEST_BYTES));
            String key = Base64Url.encode(in.readNBytes(KEY_BYTES));
            String template = in.readUTF();
            Human human = new Human(in.readUTF(), in.readUTF());
            String agent = in.readUTF();
            String plan = in.readUTF();
            boolean run = in.available() > 0;
            return new StartSheet(
                    task,
                    issuedAt,
                    lifetime,
                    key,
                    revision,
                    hash,
                    template,
                    human,
                    agent,
                    plan.isEmpty() ? null : plan,
                    run ? in.readUTF() : "",
                    run ? in.readInt() : 0,
                    run ? in.readLong() : 0);
        } catch (IOException damaged) {
            throw new IllegalStateException("a kept start is not readable", damaged);
        }
    }

    /** The short hash of a token's signing input. */
    static String hashOf(RootToken root) {
        byte[] digest = new byte[DIGEST_BYTES];
        root.id().copyTo(digest, 0);
        return Base64Url.encode(Arrays.copyOf(digest, RANDOM_BYTES));
    }

    /** The short hash of a key's id: the first 8 bytes of its SHA-256. */
    static String keyOf(String id) {
        return Base64Url.encode(Arrays.copyOf(Sha256.of(id), KEY_BYTES));
    }

    /** The {@code jti} of the task's root, made from the task's id. That id is random, and in the answer too. */
    static String jtiOf(String taskId) {
        return Base64Url.encode(Arrays.copyOf(Sha256.of("jti " + taskId), RANDOM_BYTES));
    }

    private static byte[] decode(String text, int length) {
        byte[] bytes = Base64Url.decode(text, length);
        if (bytes == null) {
            throw new IllegalArgumentException(text.length() + " characters are not " + length + " bytes");
        }
        return bytes;
    }
}
