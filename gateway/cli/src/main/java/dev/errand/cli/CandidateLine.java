package dev.errand.cli;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The line {@code candidate: true}, which makes a template's file a candidate. Pure. */
final class CandidateLine {
    private static final Pattern LINE = Pattern.compile(
            "(?m)^(?:candidate|'candidate'|\"candidate\")[ \\t]*:[ \\t]+true[ \\t]*(?:#.*)?(?:\\R|\\z)");

    private CandidateLine() {}

    /** The text without that line and otherwise unchanged; empty if {@code candidate: true} has no line of its own. */
    static Optional<String> without(String text) {
        Matcher line = LINE.matcher(text);
        if (!line.find()) {
            return Optional.empty();
        }
        return Optional.of(text.substring(0, line.start()) + text.substring(line.end()));
    }
}
