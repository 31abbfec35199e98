package dev.errand.operation.declaration;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.operation.RequestHeaders;
import dev.errand.operation.header.HeaderRule;
import dev.errand.operation.header.HeaderRules;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads {@code headers: {remove: , refuse: , pass: , not-approved: }} of a catalogue. */
final class HeaderDeclaration {
    private final HeaderRules common;
    private final Faults faults;

    private HeaderDeclaration(HeaderRules common, Faults faults) {
        this.common = common;
        this.faults = faults;
    }

    /** The rules of a catalogue: {@code common} is those of its resolver. They must not be used after a fault. */
    static HeaderRules read(YamlMap catalogue, HeaderRules common, Faults faults) {
        YamlNode node = catalogue.optional("headers");
        YamlMap map = node == null ? null : node.map(faults);
        return map == null ? common : new HeaderDeclaration(common, faults).rules(map);
    }

    private HeaderRules rules(YamlMap map) {
        map.unknownKeys(faults, CatalogueKeys.HEADERS);
        Set<String> remove = patterns(map, "remove");
        Set<String> refuse = patterns(map, "refuse");
        Set<String> widened = Stream.concat(remove.stream(), refuse.stream())
                .map(RequestHeaders::fold)
                .collect(Collectors.toUnmodifiableSet());
        Map<String, Position> pass = new LinkedHashMap<>();
        for (YamlNode item : items(map.optional("pass"))) {
            String name = item.string(faults);
            if (name != null && passes(name, item.at(), widened)) {
                pass.put(name, item.at());
            }
        }
        return common.with(remove, refuse, pass).unapproved(patterns(map, "not-approved"));
    }

    private boolean passes(String name, Position at, Set<String> widened) {
        HeaderRule rule = common.of(name);
        if (!isHeaderPattern(name) || name.endsWith("*")) {
            faults.add(at, "'" + name + "' is no header name: 'pass' takes whole names, without *");
        } else if (!HeaderRules.mayPass(name)) {
            faults.add(at, "'" + name + "' cannot pass: " + why(rule) + "; remove it here");
        } else if (widened.contains(RequestHeaders.fold(name))) {
            faults.add(at, "'" + name + "' stands under 'remove' or 'refuse' too: leave it out of one of them");
        } else {
            faults.warn(
                    at,
                    "the agent chooses the value of '" + name + "', and the upstream gets it unchanged: "
                            + effect(rule));
            return true;
        }
        return false;
    }

    private static String why(HeaderRule rule) {
        return switch (rule.fate()) {
            case ENDS -> "it ends at the gateway";
            case OVERRIDES -> "it overrides the method, the host or the URL";
            case PASSES, REMOVED, REFUSED -> "by it the server takes the caller for another";
        };
    }

    private static String effect(HeaderRule rule) {
        return switch (rule.fate()) {
            case REMOVED -> "without this line it is removed, since servers believe it about the caller";
            case REFUSED -> "without this line a request with it is malformed, since it changes what the server does";
            case PASSES, ENDS, OVERRIDES -> "it would pass without this line too, if no pattern above covers it";
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
