package dev.errand.task.record;

import dev.errand.sequence.rule.Counts;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.ApprovalRequest.State;
import dev.errand.task.ApprovalRequest.Waits;
import dev.errand.task.Approvals;
import dev.errand.task.Offer;
import dev.errand.task.ShownObjection;
import dev.errand.token.Human;
import dev.errand.token.TokenId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The stored form of {@link Approvals}: no bytes if there is no request. Otherwise a format number (1) and a count,
 * then each request: its texts (a length of 4 bytes and UTF-8), times and counts (8 bytes), state (1 byte) and
 * lists (a count of 4 bytes), and at last 1 byte and, if that is not 0, its offer; then a count, and each MCP session (8 bytes).
 */
final class ApprovalBytes {
    private static final int FORMAT = 1;
    private static final int MAX_BYTES = 1 << 20;
    private static final State[] STATES = State.values();

    private ApprovalBytes() {}

    public static byte[] write(Approvals approvals) {
        if (approvals.requests().isEmpty() && approvals.eliciting().isEmpty()) {
            return new byte[0];
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeInt(approvals.requests().size());
            for (ApprovalRequest request : approvals.requests()) {
                write(request, out);
            }
            out.writeInt(approvals.eliciting().size());
            for (long session : approvals.eliciting()) {
                out.writeLong(session);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static void write(ApprovalRequest request, DataOutputStream out) throws IOException {
        text(request.id(), out);
        text(request.call(), out);
        text(request.subject(), out);
        text(request.match(), out);
        text(request.digest(), out);
        text(request.at(), out);
        text(request.settled(), out);
        out.writeBoolean(request.trusted());
        out.writeInt(request.objected().size());
        for (ShownObjection objection : request.objected()) {
            write(objection, out);
        }
        out.writeLong(request.openedMillis());
        out.writeLong(request.expiresMillis());
        out.writeByte(request.state().ordinal());
        out.writeInt(request.by().size());
        for (Human human : request.by()) {
            text(human.issuer(), out);
            text(human.subject(), out);
        }
        out.writeLong(request.usedBy());
        out.writeInt(request.chain().size());
        for (TokenId token : request.chain()) {
            text(token.hash(), out);
        }
        out.writeInt(request.told().length);
        out.write(request.told());
        out.writeLong(request.waits().recordedMillis());
        out.writeLong(request.waits().uncounted());
        write(request.offer(), out);
    }

    private static void write(@Nullable Offer offer, DataOutputStream out) throws IOException {
        out.writeBoolean(offer != null);
        if (offer == null) {
            return;
        }
        out.writeInt(offer.terms().calls());
        out.writeInt(offer.terms().fixed().size());
        for (String name : offer.terms().fixed()) {
            text(name, out);
        }
        out.writeBoolean(offer.terms().task());
        text(offer.match(), out);
        text(offer.digest(), out);
        out.writeLong(offer.untilMillis());
        out.writeBoolean(offer.taken());
        out.writeInt(offer.uses().size());
        for (Offer.Use use : offer.uses()) {
            out.writeLong(use.decision());
            out.writeInt(use.grown().size());
            for (long grown : use.grown()) {
                out.writeLong(grown);
            }
        }
    }

    private static void write(ShownObjection objection, DataOutputStream out) throws IOException {
        text(objection.code(), out);
        text(objection.at() == null ? "" : objection.at(), out);
        out.writeInt(objection.counted().each().size());
        for (long counted : objection.counted().each()) {
            out.writeLong(counted);
        }
        out.writeInt(objection.place());
        text(objection.sentence(), out);
        out.writeInt(objection.unknown().size());
        for (String decision : objection.unknown()) {
            text(decision, out);
        }
    }

    private static void text(String text, DataOutputStream out) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /** Reads the bytes of {@link #write}; throws an {@link IllegalArgumentException} for any others. */
    public static Approvals read(byte[] written) {
        if (written.length == 0) {
            return Approvals.NONE;
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(written))) {
            if (in.readByte() != FORMAT) {
                throw new IllegalArgumentException("the requests of a task have an unknown format");
            }
            List<ApprovalRequest> requests = new ArrayList<>();
            for (int left = count(in); left > 0; left--) {
                requests.add(request(in));
            }
            Set<Long> eliciting = new HashSet<>();
            for (int left = count(in); left > 0; left--) {
                eliciting.add(in.readLong());
            }
            if (in.available() > 0) {
                throw new IllegalArgumentException("the requests of a task are too long");
            }
            return new Approvals(requests, eliciting);
        } catch (IOException | ArrayIndexOutOfBoundsException damaged) {
            throw new IllegalArgumentException("the requests of a task are damaged", damaged);
        }
    }

    private static ApprovalRequest request(DataInputStream in) throws IOException {
        return new ApprovalRequest(
                text(in),
                text(in),
                text(in),
                text(in),
                text(in),
                text(in),
                text(in),
                in.readBoolean(),
                objections(in),
                in.readLong(),
                in.readLong(),
                STATES[in.readByte()],
                humans(in),
                in.readLong(),
                texts(in).stream().map(TokenId::new).toList(),
                bytes(in),
                new Waits(in.readLong(), in.readLong()),
                offer(in));
    }

    private static @Nullable Offer offer(DataInputStream in) throws IOException {
        if (!in.readBoolean()) {
            return null;
        }
        Offer.Terms terms = new Offer.Terms(in.readInt(), texts(in), in.readBoolean());
        String match = text(in);
        String digest = text(in);
        long until = in.readLong();
        boolean taken = in.readBoolean();
        List<Offer.Use> uses = new ArrayList<>();
        for (int left = count(in); left > 0; left--) {
            uses.add(new Offer.Use(in.readLong(), longs(in)));
        }
        return new Offer(terms, match, digest, until, taken, uses);
    }

    private static List<Long> longs(DataInputStream in) throws IOException {
        List<Long> longs = new ArrayList<>();
        for (int left = count(in); left > 0; left--) {
            longs.add(in.readLong());
        }
        return longs;
    }

    private static List<ShownObjection> objections(DataInputStream in) throws IOException {
        List<ShownObjection> objections = new ArrayList<>();
        for (int left = count(in); left > 0; left--) {
            String code = text(in);
            String at = text(in);
            List<Long> counted = longs(in);
            objections.add(new ShownObjection(
                    code, at.isEmpty() ? null : at, new Counts(counted), in.readInt(), text(in), texts(in)));
        }
        return objections;
    }

    private static List<Human> humans(DataInputStream in) throws IOException {
        List<Human> humans = new ArrayList<>();
        for (int left = count(in); left > 0; left--) {
            humans.add(new Human(text(in), text(in)));
        }
        return humans;
    }

    private static List<String> texts(DataInputStream in) throws IOException {
        List<String> texts = new ArrayList<>();
        for (int left = count(in); left > 0; left--) {
            texts.add(text(in));
        }
        return texts;
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        return in.readNBytes(count(in));
    }

    /** Reads a count of elements that take at least one byte each. */
    private static int count(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > MAX_BYTES || count > in.available()) {
            throw new IllegalArgumentException("a count in the requests of a task is too large");
        }
        return count;
    }
}
