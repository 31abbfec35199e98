package dev.errand.token;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The holders of a chain, root first. Immutable. Made once for each chain, together with the text that every call
 * writes of them into its Txn-Token and its record.
 */
public final class Holders {
    /** The holders of a call whose chain did not verify: none. */
    public static final Holders NONE = new Holders(List.of());

    private final List<Holder> list;
    private final @Nullable String plainJson;
    /** These holders with an attested leaf, after a call has needed them. */
    private volatile @Nullable Holders attested;

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
     * The array of their {@linkplain Holder#plainJson objects} as JSON that every writer of JSON would write in the
     * same way; null if writers might differ.
     */
    public @Nullable String plainJson() {
        return plainJson;
    }

    /**
     * These holders, the last one with a workload identity that an SVID proved.
     *
     * @throws IndexOutOfBoundsException if there is no holder
     */
    public Holders withAttestedLeaf() {
        Holders known = attested;
        if (known == null) {
            List<Holder> changed = new ArrayList<>(list);
            Holder leaf = changed.remove(changed.size() - 1);
            changed.add(new Holder(leaf.jkt(), leaf.subject(), true));
            known = leaf.attested() ? this : of(changed);
            attested = known;
        }
        return known;
    }

    /** About how much memory their texts take, in bytes, including those of {@link #withAttestedLeaf}. */
    public int weight() {
        int leaf = list.isEmpty() ? 0 : list.get(list.size() - 1).weight();
        return list.stream().mapToInt(Holder::weight).sum() + leaf + 2 * (plainJson == null ? 0 : plainJson.length());
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
