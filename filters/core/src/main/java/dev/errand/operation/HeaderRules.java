package dev.errand.operation;

import dev.errand.config.Position;
import dev.errand.operation.HeaderRule.Fate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The rules of one API for request headers: a list of what passes, which consists of the common list, of the protocol's
 * list and of the catalogue's own, and lists of what is removed or refused whatever the catalogue's prefixes say. Letter
 * case does not matter. In the lists of what is removed or refused {@code _} is read as {@code -}; a name that passes is
 * passed in its own spelling only. Immutable and thread-safe.
 */
public final class HeaderRules {
    /** The rules of an API if nothing else is known about it. */
    public static final HeaderRules COMMON;

    /** The rules of a route whose calls nobody judges: what no list has passes. */
    public static final HeaderRules OPEN;

    /** The least length of a prefix that a catalogue lets pass, without its {@code *}. */
    public static final int MIN_PREFIX = 4;

    private static final HeaderTree SINGLE = new HeaderTree(true);
    private static final HeaderTree CREDENTIALS = new HeaderTree(true);
    private static final HeaderTree IMPERSONATING = new HeaderTree(true);
    private static final Map<HeaderProtocol, HeaderRules> PROTOCOLS = new EnumMap<>(HeaderProtocol.class);

    static {
        SINGLE.addAll(Fate.REFUSED, WellKnownHeaders.SINGLE);
        CREDENTIALS.addAll(Fate.REFUSED, WellKnownHeaders.CREDENTIALS);
        IMPERSONATING.addAll(Fate.REFUSED, WellKnownHeaders.IMPERSONATING);
        HeaderTree denied = new HeaderTree(true);
        denied.addAll(Fate.ENDS, WellKnownHeaders.ENDING);
        denied.addAll(Fate.REMOVED, WellKnownHeaders.IDENTITIES);
        denied.addAll(Fate.REFUSED, WellKnownHeaders.CHANGING);
        denied.addAll(Fate.OVERRIDES, WellKnownHeaders.OVERRIDING);
        HeaderTree listed = new HeaderTree(false);
        listed.addAll(Fate.HARMLESS, PassingHeaders.HARMLESS);
        listed.addAll(Fate.PASSES, PassingHeaders.COMMON);
        for (HeaderProtocol protocol : HeaderProtocol.values()) {
            HeaderTree own = denied;
            if (protocol == HeaderProtocol.KUBERNETES) {
                own = denied.copy();
                own.addAll(Fate.REFUSED, WellKnownHeaders.IMPERSONATING);
            }
            HeaderTree passing = listed.copy();
            passing.addAll(
                    Fate.PASSES,
                    protocol.headers().stream().map(HeaderProtocol.Header::name).toList());
            PROTOCOLS.put(
                    protocol,
                    new HeaderRules(
                            protocol,
                            own,
                            passing,
                            Unlisted.BY_EFFECT,
                            Map.of(),
                            List.of(),
                            List.of(),
                            new HeaderTree(true)));
        }
        COMMON = of(HeaderProtocol.NONE);
        OPEN = new HeaderRules(
                HeaderProtocol.NONE,
                denied,
                new HeaderTree(false),
                Unlisted.PASS,
                Map.of(),
                List.of(),
                List.of(),
                new HeaderTree(true));
    }

    private final HeaderProtocol protocol;
    private final HeaderTree denied;
    private final HeaderTree listed;
    private final Unlisted unlisted;
    private final HeaderRule unknown;
    private final Map<String, Position> passing;
    private final List<String> refusing;
    private final List<String> declared;
    /** Patterns of headers that may differ between a call and the call that a human approved. */
    private final HeaderTree unapproved;

    private HeaderRules(
            HeaderProtocol protocol,
            HeaderTree denied,
            HeaderTree listed,
            Unlisted unlisted,
            Map<String, Position> passing,
            List<String> refusing,
            List<String> declared,
            HeaderTree unapproved) {
        this.refusing = refusing;
        this.declared = declared;
        this.protocol = protocol;
        this.denied = denied;
        this.listed = listed;
        this.unlisted = unlisted;
        this.unknown = unlisted == Unlisted.PASS ? HeaderRule.ANY : HeaderRule.UNLISTED;
        this.passing = new LinkedHashMap<>(passing);
        this.unapproved = unapproved;
    }

    /** The rules of an API of this protocol, before its catalogue says anything. */
    public static HeaderRules of(HeaderProtocol protocol) {
        HeaderRules rules = PROTOCOLS.get(protocol);
        if (rules == null) {
            throw new IllegalArgumentException("no rules for " + protocol);
        }
        return rules;
    }

    /** The rule for the header of this name. Allocates nothing. */
    public HeaderRule of(CharSequence name) {
        HeaderRule own = listed.of(name);
        if (own != null && own.fate() == Fate.ALLOWED) {
            return own;
        }
        HeaderRule strict = denied.of(name);
        return strict != null ? strict : own != null ? own : unknown;
    }

    /** Whether a request of an operation with this effect is malformed if it has a header that no list has. */
    public boolean refusesUnlisted(Effect effect) {
        return unlisted.refuses(effect);
    }

    /** What is done with headers that no list has. */
    public Unlisted unlisted() {
        return unlisted;
    }

    /** The protocol whose list passes. */
    public HeaderProtocol protocol() {
        return protocol;
    }

    /** Whether the header of this name is passed to the upstream, and a request may have only one value of it. */
    public boolean isSingle(CharSequence name) {
        return SINGLE.of(name) != null && of(name).passes();
    }

    /**
     * These rules with those of a catalogue. A name that {@code pass} spells out passes. A prefix under {@code pass}
     * passes what no other list removes or refuses.
     *
     * @param refuse names that make a request malformed; {@code *} may end one
     * @param pass names that pass, each with its place; {@code *} may end one; an {@link IllegalArgumentException} if
     *     {@link #mayPass} forbids one
     * @param rest what is done with headers that no list has
     */
    public HeaderRules with(Collection<String> refuse, Map<String, Position> pass, Unlisted rest) {
        if (refuse.isEmpty() && pass.isEmpty() && rest == unlisted) {
            return this;
        }
        HeaderTree stricter = denied.copy();
        stricter.addAll(Fate.REFUSED, refuse);
        HeaderTree wider = listed.copy();
        for (String name : pass.keySet()) {
            if (!mayPass(name)) {
                throw new IllegalArgumentException("no catalogue lets " + name + " pass");
            }
            wider.addAll(name.endsWith("*") ? Fate.PASSES : Fate.ALLOWED, List.of(name));
        }
        return new HeaderRules(protocol, stricter, wider, rest, pass, List.copyOf(refuse), declared, unapproved);
    }

    /** These rules, where the headers of these names pass too if no list removes or refuses them. */
    public HeaderRules declaring(Collection<String> names) {
        if (names.isEmpty()) {
            return this;
        }
        HeaderTree wider = listed.copy();
        wider.addAll(Fate.PASSES, names);
        return new HeaderRules(
                protocol, denied, wider, unlisted, passing, refusing, List.copyOf(new TreeSet<>(names)), unapproved);
    }

    /** These rules for a request that is also of an operation with the other rules, which the same catalogue has. */
    public HeaderRules and(HeaderRules other) {
        if (other == this || declared.containsAll(other.declared)) {
            return this;
        }
        List<String> both = new ArrayList<>(declared);
        both.addAll(other.declared);
        return declaring(both);
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
        HeaderTree tree = new HeaderTree(true);
        tree.addAll(Fate.REMOVED, names);
        return new HeaderRules(protocol, denied, listed, unlisted, passing, refusing, declared, tree);
    }

    /** Whether the header of this name may differ from the one that a human approved. */
    public boolean isUnapproved(CharSequence name) {
        return unapproved.of(name) != null;
    }

    /** The names that a catalogue lets pass, each with its place in the file. */
    public Map<String, Position> passing() {
        return Collections.unmodifiableMap(passing);
    }

    /** The names that a catalogue refuses, besides those of the common lists. */
    public List<String> refusing() {
        return refusing;
    }

    /** The names that are arguments of operations. */
    public List<String> declared() {
        return declared;
    }

    /**
     * Whether a catalogue may let the header pass, or the headers that begin with a prefix: not if it ends at the gateway,
     * overrides the request, or impersonates. A prefix may pass if it has other headers than those of the lists.
     */
    public static boolean mayPass(String name) {
        if (name.endsWith("*")) {
            String prefix = name.substring(0, name.length() - 1);
            return prefix.length() >= MIN_PREFIX && !COMMON.denied.covers(prefix) && !IMPERSONATING.covers(prefix);
        }
        HeaderRule common = COMMON.of(name);
        return common.fate() != Fate.ENDS
                && common.fate() != Fate.OVERRIDES
                && (common.refuses() || IMPERSONATING.of(name) == null);
    }

    /**
     * Whether the header may carry a credential: not if it belongs to a connection, is written by the gateway itself,
     * or overrides the request.
     */
    public static boolean mayBeCredential(CharSequence name) {
        Fate fate = COMMON.of(name).fate();
        boolean ends = fate == Fate.ENDS && CREDENTIALS.of(name) == null;
        return !ends
                && fate != Fate.OVERRIDES
                && !RequestHeaders.fold(name.toString()).equals("content-length");
    }
}
