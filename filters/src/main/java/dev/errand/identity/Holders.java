package dev.errand.identity;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The holders of a chain, root first. Immutable; made once a chain (once a call, where an SVID proves the leaf's workload), with
 * the text that every call writes of them, in its Txn-Token and in its record.
 */
public final class Holders {
    /** Of a call whose chain did not verify. */
    public static final Holders NONE = new Holders(List.of());

    private final List<Holder> list;
    private final @Nullable String plainJson;

    private Holders(List<Holder> list) {
        this.list = list;
        this.plainJson = list.stream().allMatch(holder -> holder.plainJson() != null)
                ? list.stream().map(Holder::plainJson).collect(Collectors.joining(",", "[", "]"))
                : null;
    }

    public static Holders of(List<Holder> list) {
        return list.isEmpty() ? NONE : new Holders(List.copyOf(list));
    }

    public List<Holder> list() {
        return list;
    }

    /**
     * The array of their {@linkplain Holder#plainJson objects}, whose text is the same in every writer of JSON; null where it may
     * differ.
     */
    public @Nullable String plainJson() {
        return plainJson;
    }

    /**
     * The same, the last one's workload identity proven by an SVID.
     *
     * @throws IndexOutOfBoundsException if there is none
     */
    public Holders withAttestedLeaf() {
        List<Holder> attested = new ArrayList<>(list);
        Holder leaf = attested.remove(attested.size() - 1);
        attested.add(new Holder(leaf.jkt(), leaf.subject(), true));
        return of(attested);
    }

    /** About what their texts cost to keep, in bytes. */
    public int weight() {
        return list.stream().mapToInt(Holder::weight).sum() + (plainJson == null ? 0 : plainJson.length());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Holders that && list.equals(that.list);
    }

    @Override
    public int hashCode() {
        return list.hashCode();
    }

    @Override
    public String toString() {
        return list.toString();
    }
}
