package dev.errand.operation.header;

import dev.errand.config.Position;
import dev.errand.operation.RequestHeaders;
import dev.errand.operation.header.HeaderRule.Fate;
import java.util.Collection;
import java.util.Map;

/**
 * The rules of one API for request headers: the common list, the additions of the API's resolver, and the changes of
 * its catalogue. Names are compared in lower case, with {@code _} read as {@code -}. Immutable and thread-safe.
 */
public final class HeaderRules {
    /** The rules of an API if nothing else is known about it. */
    public static final HeaderRules COMMON;

    /** The rules of a Kubernetes apiserver. */
    public static final HeaderRules KUBERNETES;

    private static final HeaderTree SINGLE = new HeaderTree();
    private static final HeaderTree CREDENTIALS = new HeaderTree();

    static {
        SINGLE.addAll(Fate.REFUSED, WellKnownHeaders.SINGLE);
        CREDENTIALS.addAll(Fate.REFUSED, WellKnownHeaders.CREDENTIALS);
        HeaderTree common = new HeaderTree();
        common.addAll(Fate.ENDS, WellKnownHeaders.ENDING);
        common.addAll(Fate.REMOVED, WellKnownHeaders.IDENTITIES);
        common.addAll(Fate.REFUSED, WellKnownHeaders.CHANGING);
        common.addAll(Fate.OVERRIDES, WellKnownHeaders.OVERRIDING);
        HeaderTree kubernetes = common.copy();
        kubernetes.addAll(Fate.REFUSED, WellKnownHeaders.IMPERSONATING);
        COMMON = new HeaderRules(common, Map.of());
        KUBERNETES = new HeaderRules(kubernetes, Map.of());
    }

    private final HeaderTree rules;
    private final Map<String, Position> passing;
    /** Patterns of headers that may differ between a call and the call that a human approved. */
    private final HeaderTree unapproved;

    private HeaderRules(HeaderTree rules, Map<String, Position> passing) {
        this(rules, passing, new HeaderTree());
    }

    private HeaderRules(HeaderTree rules, Map<String, Position> passing, HeaderTree unapproved) {
        this.unapproved = unapproved;
        this.rules = rules;
        this.passing = Map.copyOf(passing);
    }

    /** The rule for the header of this name. Allocates nothing. */
    public HeaderRule of(CharSequence name) {
        return rules.of(name);
    }

    /** Whether the header of this name is passed to the upstream, and a request may have only one value of it. */
    public boolean isSingle(CharSequence name) {
        return rules.of(name).passes() && SINGLE.of(name).refuses();
    }

    /**
     * These rules with those of a catalogue. Of several rules for one name, from either list, {@code refuse} wins over
     * {@code remove}, and {@code pass} wins over both.
     *
     * @param remove names that are removed; {@code *} may end one
     * @param refuse names that make a request malformed; {@code *} may end one
     * @param pass whole names that pass, each with its place; an {@link IllegalArgumentException} if {@link #mayPass}
     *     forbids one
     */
    public HeaderRules with(Collection<String> remove, Collection<String> refuse, Map<String, Position> pass) {
        if (remove.isEmpty() && refuse.isEmpty() && pass.isEmpty()) {
            return this;
        }
        for (String name : pass.keySet()) {
            if (!mayPass(name)) {
                throw new IllegalArgumentException("no catalogue lets " + name + " pass");
            }
        }
        HeaderTree own = rules.copy();
        own.addAll(Fate.REMOVED, remove);
        own.addAll(Fate.REFUSED, refuse);
        own.addAll(Fate.PASSES, pass.keySet());
        return new HeaderRules(own, pass, unapproved);
    }

    /**
     * These rules, where the headers of these names may differ from those that a human approved.
     *
     * @param names {@code *} may end one
     */
    public HeaderRules unapproved(Collection<String> names) {
        if (names.isEmpty()) {
            return this;
        }
        HeaderTree tree = new HeaderTree();
        tree.addAll(Fate.REMOVED, names);
        return new HeaderRules(rules, passing, tree);
    }

    /** Whether the header of this name may differ from the one that a human approved. */
    public boolean isUnapproved(CharSequence name) {
        return !unapproved.of(name).passes();
    }

    /** The names that a catalogue lets pass, each with its place in the file. */
    public Map<String, Position> passing() {
        return passing;
    }

    /**
     * Whether a catalogue may let the header pass: not if it ends at the gateway, overrides the request, or
     * impersonates.
     */
    public static boolean mayPass(String name) {
        HeaderRule common = COMMON.of(name);
        return common.fate() != Fate.ENDS
                && common.fate() != Fate.OVERRIDES
                && (common.refuses() || !KUBERNETES.of(name).refuses());
    }

    /**
     * Whether the header may carry a credential: not if it belongs to a connection, is written by the gateway itself,
     * or overrides the request.
     */
    public static boolean mayBeCredential(CharSequence name) {
        Fate fate = COMMON.of(name).fate();
        boolean ends = fate == Fate.ENDS && !CREDENTIALS.of(name).refuses();
        return !ends
                && fate != Fate.OVERRIDES
                && !RequestHeaders.fold(name.toString()).equals("content-length");
    }
}
