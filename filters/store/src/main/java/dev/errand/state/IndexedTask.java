package dev.errand.state;

import dev.errand.token.Human;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The facts of a task in the fleet's index that never change. Immutable.
 *
 * @param task the task's id
 * @param template the template's name; null if no template governs
 * @param human who started the task
 * @param agent the root's holder; null if the root names none
 * @param startedMillis epoch milliseconds
 * @param expiresMillis when the task ends by itself, epoch milliseconds
 */
public record IndexedTask(
        String task,
        @Nullable String template,
        Human human,
        @Nullable String agent,
        long startedMillis,
        long expiresMillis) {
    private static final int FORMAT = 1;

    /** How many characters of a {@link #member} hold the start. */
    private static final int TIME_CHARACTERS = 12;

    private static final Pattern MEMBER = Pattern.compile("[0-9a-f]{" + TIME_CHARACTERS + "}[A-Za-z0-9_-]{1,128}");

    /**
     * The task's name in the index: the start in hexadecimal, then the id. The index sorts by it, so later starts come
     * later.
     */
    public String member() {
        return String.format("%0" + TIME_CHARACTERS + "x", startedMillis) + task;
    }

    /** The id in a {@link #member}. */
    public static String taskOf(String member) {
        return member.substring(Math.min(member.length(), TIME_CHARACTERS));
    }

    /** Whether a text from outside can be a {@link #member}. */
    public static boolean isMember(String text) {
        return MEMBER.matcher(text).matches();
    }

    /** The stored form, without the id. */
    public byte[] write() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(160);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeUTF(template == null ? "" : template);
            out.writeUTF(human.issuer());
            out.writeUTF(human.subject());
            out.writeUTF(agent == null ? "" : agent);
            out.writeLong(startedMillis);
            out.writeLong(expiresMillis);
        } catch (IOException tooLong) {
            throw new UncheckedIOException(tooLong);
        }
        return bytes.toByteArray();
    }

    /** Reads the bytes of {@link #write}; throws an {@link IllegalArgumentException} for any others. */
    public static IndexedTask read(String task, byte[] written) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(written))) {
            if (in.readByte() != FORMAT) {
                throw new IllegalArgumentException("an entry of the index has an unknown format");
            }
            String template = in.readUTF();
            Human human = new Human(in.readUTF(), in.readUTF());
            String agent = in.readUTF();
            return new IndexedTask(
                    task,
                    template.isEmpty() ? null : template,
                    human,
                    agent.isEmpty() ? null : agent,
                    in.readLong(),
                    in.readLong());
        } catch (IOException damaged) {
            throw new IllegalArgumentException("an entry of the index is damaged", damaged);
        }
    }
}
