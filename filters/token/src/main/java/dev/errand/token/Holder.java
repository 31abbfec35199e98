package dev.errand.token;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The holder of one token in a chain, as the record and the Txn-Token name it. Immutable. It is made once for each
 * chain, together with the text that every call writes of it.
 */
public final class Holder {
    private static final int MAX_PLAIN = 512;

    private final KeyThumbprint jkt;
    private final @Nullable String subject;
    private final boolean attested;
    private final @Nullable String plainJson;

    /**
     * @param jkt the thumbprint of the key that the token is bound to
     * @param subject the workload that the token says holds it (its {@code act.sub}), if it says so
     * @param attested whether that subject was proven: by the issuer for a root, by a presented SVID for a derived token
     */
    public Holder(KeyThumbprint jkt, @Nullable String subject, boolean attested) {
        this.jkt = jkt;
        this.subject = subject;
        this.attested = attested;
        this.plainJson = isPlain(jkt.value()) && (subject == null || isPlain(subject))
                ? "{\"jkt\":\"" + jkt.value() + "\",\"sub\":" + (subject == null ? "null" : '"' + subject + '"')
                        + ",\"attested\":" + attested + '}'
                : null;
    }

    public KeyThumbprint jkt() {
        return jkt;
    }

    public @Nullable String subject() {
        return subject;
    }

    public boolean attested() {
        return attested;
    }

    /**
     * The object {@code jkt, sub, attested} as JSON that every writer of JSON would write in the same way; null if a
     * writer might escape or cut a text in it.
     */
    public @Nullable String plainJson() {
        return plainJson;
    }

    /** About how much memory its texts take, in bytes. */
    public int weight() {
        return 2 * ((subject == null ? 0 : subject.length()) + (plainJson == null ? 0 : plainJson.length()));
    }

    private static boolean isPlain(String text) {
        if (text.length() > MAX_PLAIN) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Holder holder
                && attested == holder.attested
                && jkt.equals(holder.jkt)
                && Objects.equals(subject, holder.subject);
    }

    @Override
    public int hashCode() {
        return Objects.hash(jkt, subject, attested);
    }

    @Override
    public String toString() {
        return "Holder[jkt=" + jkt + ", subject=" + subject + ", attested=" + attested + ']';
    }
}
