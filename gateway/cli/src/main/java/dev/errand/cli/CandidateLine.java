package dev.errand.cli;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The line {@code candidate: true}, or this member of a mapping in braces, which makes a template's file a candidate. Pure. */
final class CandidateLine {
    private static final String KEY = "(?:candidate|'candidate'|\"candidate\")[ \\t]*:";
    private static final Pattern LINE = Pattern.compile("(?m)^" + KEY + "[ \\t]+true[ \\t]*(?:#.*)?(?:\\R|\\z)");
    private static final Pattern MEMBER = Pattern.compile(KEY + "[ \\t]*true[ \\t]*(,[ \\t]*)?");

    private CandidateLine() {}

    /** The text without that line or member and otherwise unchanged; empty if it is written in another way. */
    static Optional<String> without(String text) {
        Matcher line = LINE.matcher(text);
        if (line.find()) {
            return Optional.of(text.substring(0, line.start()) + text.substring(line.end()));
        }
        if (!(Yaml.parse("candidate", text, new Faults()) instanceof YamlMap map)
                || map.optional("candidate") == null) {
            return Optional.empty();
        }
        Matcher member = MEMBER.matcher(text).region(offset(text, map.at("candidate")), text.length());
        if (!member.lookingAt()) {
            return Optional.empty();
        }
        String before = text.substring(0, member.start());
        // The last member of its mapping goes with the comma before it.
        return Optional.of(
                (member.group(1) == null ? before.replaceAll(",\\s*\\z", "") : before) + text.substring(member.end()));
    }

    /** Where the place is in the text, counted in characters. */
    private static int offset(String text, Position at) {
        int start = 0;
        for (int line = 1; line < at.line(); line++) {
            start = text.indexOf('\n', start) + 1;
        }
        return Math.min(text.length(), start + at.column() - 1);
    }
}
