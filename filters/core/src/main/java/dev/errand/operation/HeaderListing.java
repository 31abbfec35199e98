package dev.errand.operation;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The lists of request headers as people read them, one line each. */
public final class HeaderListing {
    private HeaderListing() {}

    /** The lists that hold for every API. */
    public static List<String> common() {
        return List.of(
                line("pass", PassingHeaders.COMMON),
                line("removed, since they change nothing", PassingHeaders.HARMLESS),
                line("removed, since they say who calls", WellKnownHeaders.IDENTITIES),
                line(
                        "refused, since they change what a server does",
                        Stream.concat(WellKnownHeaders.CHANGING.stream(), WellKnownHeaders.OVERRIDING.stream())
                                .toList()),
                line("end at the gateway", WellKnownHeaders.ENDING));
    }

    private static String line(String fate, List<String> names) {
        return fate + ": " + String.join(", ", names);
    }

    /** What the rules of one catalogue add to the common lists. */
    public static List<String> of(HeaderRules rules) {
        List<String> lines = new ArrayList<>();
        for (HeaderProtocol.Header header : rules.protocol().headers()) {
            lines.add("passes " + header.name() + ": needed by " + header.clients());
        }
        rules.passing().forEach((name, at) -> lines.add("passes " + name + ": the catalogue says so at " + at));
        rules.declared().stream()
                .filter(name -> rules.of(name).passes())
                .forEach(name ->
                        lines.add("passes " + name + ": an argument of an operation, and only of this operation"));
        if (rules.protocol() == HeaderProtocol.KUBERNETES) {
            lines.add("refuses " + String.join(", ", WellKnownHeaders.IMPERSONATING) + ": they name another caller");
        }
        rules.refusing().forEach(name -> lines.add("refuses " + name + ": the catalogue says so"));
        lines.add(
                switch (rules.unlisted()) {
                    case BY_EFFECT ->
                        "other headers are removed where the operation reads or lists, and refused elsewhere";
                    case REMOVE -> "other headers are removed";
                    case REFUSE -> "a request with another header is refused";
                    case PASS -> "other headers pass";
                });
        return lines;
    }
}
