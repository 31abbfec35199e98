package dev.errand.operation;

import dev.errand.config.Faults;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A catalogue's rules for answers: the paths whose answers may hold the credential that the gateway sent. Immutable and
 * thread-safe.
 *
 * @param credentialPaths prefixes of paths, each as its segments
 * @param ofVault whether the server is Vault or OpenBao, whose answers below {@code auth/} and {@code sys/} hold
 *     tokens. A path may have a base path, a namespace or a mount before these, so they count at any place except the
 *     last
 */
record AnswerRules(List<List<String>> credentialPaths, boolean ofVault) {
    private static final String VAULT = "vault";

    /** The first segments of paths at which Vault and OpenBao answer with tokens, including the caller's own. */
    private static final List<String> OF_VAULT = List.of("auth", "sys");

    private static final int MAX_PATHS = 64;

    public AnswerRules {
        credentialPaths = List.copyOf(credentialPaths);
    }

    /** Reads {@code credential-paths} of a catalogue with that name and that form of refusals. */
    static AnswerRules read(String name, RefusalStyle refusals, YamlMap map, Faults faults) {
        Set<String> prefixes = new LinkedHashSet<>();
        for (String prefix : map.strings("credential-paths", faults)) {
            if (isPrefix(prefix)) {
                prefixes.add(prefix);
            } else {
                faults.add(
                        map.at("credential-paths"),
                        "'" + prefix + "' is no beginning of paths: write it relative to 'base-path' and with /"
                                + " at its end, such as auth/");
            }
        }
        if (prefixes.size() > MAX_PATHS) {
            faults.add(map.at("credential-paths"), "more than " + MAX_PATHS + " beginnings of paths");
        }
        String base = base(map);
        List<List<String>> paths = new ArrayList<>();
        prefixes.forEach(prefix -> paths.add(segments(base + prefix)));
        return new AnswerRules(paths, name.equals(VAULT) || refusals == RefusalStyle.VAULT);
    }

    private static boolean isPrefix(String text) {
        boolean ends = text.length() > 1 && text.endsWith("/") && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
        return ends
                && List.of(text.substring(0, text.length() - 1).split("/", -1)).stream()
                        .noneMatch(segment -> segment.isEmpty() || segment.equals(".") || segment.equals(".."));
    }

    /** The base path that comes before the paths. A malformed base path is reported elsewhere. */
    private static String base(YamlMap map) {
        YamlNode node = map.optional("base-path");
        String text = node == null ? null : node.string(new Faults());
        return text == null || text.equals("/") ? "/" : text + '/';
    }

    /** Whether no answer can hold the credential. */
    public boolean isNone() {
        return credentialPaths.isEmpty() && !ofVault;
    }

    /**
     * Whether an answer to this path may hold the credential. Letter case, double slashes and {@code %2F} make no
     * difference, since a server may ignore them.
     */
    boolean mayShowCredential(CanonicalPath path) {
        if (isNone()) {
            return false;
        }
        boolean plain = path.text().indexOf('%') < 0;
        List<String> read =
                plain ? List.of() : segments(path.join(0, path.size()).replace("%2F", "/"));
        if (ofVault && (plain ? isOfVault(path) : isOfVault(read, path.trailingSlash()))) {
            return true;
        }
        for (int i = 0; i < credentialPaths.size(); i++) {
            List<String> beginning = credentialPaths.get(i);
            if (plain ? begins(path, beginning) : begins(read, path.trailingSlash(), beginning)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOfVault(CanonicalPath path) {
        int folders = path.trailingSlash() ? path.size() : path.size() - 1;
        for (int i = 0; i < folders; i++) {
            if (isOfVault(path.segment(i))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOfVault(List<String> path, boolean trailingSlash) {
        return path.subList(0, trailingSlash ? path.size() : Math.max(0, path.size() - 1)).stream()
                .anyMatch(AnswerRules::isOfVault);
    }

    private static boolean isOfVault(String segment) {
        return segment.equalsIgnoreCase(OF_VAULT.get(0)) || segment.equalsIgnoreCase(OF_VAULT.get(1));
    }

    private static boolean begins(CanonicalPath path, List<String> beginning) {
        int at = 0;
        for (int i = 0; i < path.size(); i++) {
            String segment = path.segment(i);
            if (segment.isEmpty()) {
                continue;
            } else if (at == beginning.size()) {
                return true;
            } else if (!segment.equalsIgnoreCase(beginning.get(at))) {
                return false;
            }
            at++;
        }
        return at == beginning.size() && path.trailingSlash();
    }

    private static boolean begins(List<String> path, boolean trailingSlash, List<String> beginning) {
        if (path.size() < beginning.size() || (path.size() == beginning.size() && !trailingSlash)) {
            return false;
        }
        for (int i = 0; i < beginning.size(); i++) {
            if (!path.get(i).equalsIgnoreCase(beginning.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static List<String> segments(String path) {
        return Arrays.stream(path.split("/"))
                .filter(segment -> !segment.isEmpty())
                .toList();
    }
}
