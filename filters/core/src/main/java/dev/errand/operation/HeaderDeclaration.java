package dev.errand.operation;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Shape.strings;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads {@code headers: {pass: , refuse: , unlisted: , not-approved: }} of a catalogue. */
record HeaderDeclaration(HeaderRules common, Faults faults) {
    /** What this key would do is the default. */
    private static final String GONE = "remove";

    /** The keys, and the one that has a fault of its own. */
    private static final Keys KNOWN =
            CatalogueKeys.HEADERS.with("headers", optional(GONE, strings(), "Has a fault: it is the default."));

    /** The rules of a catalogue: {@code common} is those of its protocol. They must not be used after a fault. */
    static HeaderRules read(YamlMap catalogue, HeaderRules common, Faults faults) {
        YamlNode node = catalogue.optional("headers");
        YamlMap map = node == null ? null : node.map(faults);
        return map == null ? common : new HeaderDeclaration(common, faults).rules(map);
    }

    private HeaderRules rules(YamlMap map) {
        map.unknownKeys(faults, KNOWN);
        if (map.optional(GONE) != null) {
            faults.add(
                    map.at(GONE),
                    "'" + GONE
                            + "' is gone, since only listed headers pass: delete this key. For headers that no list has"
                            + " write 'unlisted: remove'; for one that a list has write it under 'refuse'");
        }
        Set<String> refuse = patterns(map, "refuse");
        Set<String> refused = refuse.stream().map(RequestHeaders::fold).collect(Collectors.toUnmodifiableSet());
        Map<String, Position> pass = new LinkedHashMap<>();
        for (YamlNode item : items(map.optional("pass"))) {
            String name = item.string(faults);
            if (name != null && passes(name, item.at(), refused)) {
                pass.put(name, item.at());
            }
        }
        Unlisted unlisted = Choice.of(map, "unlisted", CatalogueKeys.UNLISTED, Unlisted.BY_EFFECT, faults);
        if (unlisted == Unlisted.PASS) {
            faults.warn(
                    map.at("unlisted"),
                    "the upstream gets every header of the agent that no list removes or refuses: name those that its"
                            + " clients need under 'pass', and delete this key");
        }
        return common.with(refuse, pass, unlisted).unapproved(patterns(map, "not-approved"));
    }

    private boolean passes(String name, Position at, Set<String> refused) {
        HeaderRule rule = common.of(name);
        if (!isHeaderPattern(name)) {
            faults.add(at, "'" + name + "' is no header name; only its last character may be *");
        } else if (name.endsWith("*") && name.length() - 1 < HeaderRules.MIN_PREFIX) {
            faults.add(
                    at,
                    "'" + name + "' passes too much: a prefix has at least " + HeaderRules.MIN_PREFIX
                            + " characters before its *");
        } else if (name.endsWith("*") && !HeaderRules.mayPass(name)) {
            faults.add(
                    at,
                    "'" + name
                            + "' passes nothing: the gateway removes or refuses all of these headers. Write the whole"
                            + " name of the one that must pass");
        } else if (!HeaderRules.mayPass(name)) {
            faults.add(at, "'" + name + "' cannot pass: " + why(rule) + "; remove it here");
        } else if (refused.contains(RequestHeaders.fold(name))) {
            faults.add(at, "'" + name + "' stands under 'refuse' too: leave it out of one of them");
        } else {
            faults.warn(
                    at,
                    "the agent chooses the value of '" + name + "', and the upstream gets it unchanged: "
                            + (name.endsWith("*") ? "so it does with every header of these names" : effect(rule)));
            return true;
        }
        return false;
    }

    private static String why(HeaderRule rule) {
        return switch (rule.fate()) {
            case ENDS -> "it ends at the gateway";
            case OVERRIDES -> "it overrides the method, the host or the URL";
            case UNLISTED, HARMLESS, PASSES, ALLOWED, REMOVED, REFUSED ->
                "by it the server takes the caller for another";
        };
    }

    private static String effect(HeaderRule rule) {
        return switch (rule.fate()) {
            case REMOVED -> "without this line it is removed, since servers believe it about the caller";
            case REFUSED -> "without this line a request with it is malformed, since it changes what the server does";
            case HARMLESS -> "without this line it is removed, since no server needs it";
            case UNLISTED -> "see that it names no user, tenant or other resource there";
            case PASSES, ENDS, OVERRIDES, ALLOWED ->
                "it would pass without this line too, if no pattern above covers it";
        };
    }

    private Set<String> patterns(YamlMap map, String key) {
        Set<String> patterns = new LinkedHashSet<>();
        for (String name : map.strings(key, faults)) {
            if (isHeaderPattern(name)) {
                patterns.add(name);
            } else {
                faults.add(map.at(key), "'" + name + "' is no header name; only its last character may be *");
            }
        }
        return patterns;
    }

    private static List<? extends YamlNode> items(@Nullable YamlNode node) {
        return node == null ? List.of() : node instanceof YamlList list ? list.items() : List.of(node);
    }

    private static boolean isHeaderPattern(String name) {
        String fixed = name.endsWith("*") ? name.substring(0, name.length() - 1) : name;
        return !fixed.isEmpty()
                && fixed.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || c == '-' || c == '_'));
    }
}
