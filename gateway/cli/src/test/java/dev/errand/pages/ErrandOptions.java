package dev.errand.pages;

import dev.errand.cli.Errand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;

/** The command line as it is: which commands there are, and which options each takes. */
final class ErrandOptions {
    /** What stands for several options, or for none. */
    private static final Set<String> PLACEHOLDERS = Set.of("COMMAND", "…", "...");

    /** The commands of the companion's jar. */
    private static final Set<String> OF_THE_AGENT = Set.of("agent", "mcp-serve");

    private static final Pattern AN_OPTION = Pattern.compile("\"(--?[a-z][a-z-]*)\"");

    private final Set<String> agent = ofAgent();

    /** The companion is a jar of its own, whose classes this module does not see: its options are read from its sources. */
    private static Set<String> ofAgent() {
        Set<String> options = new TreeSet<>(Set.of("--help", "--version"));
        Pattern annotated = Pattern.compile("names = (\\{[^}]*}|\"[^\"]*\")");
        try (Stream<Path> files = Files.walk(Block.REPOSITORY.resolve("agent/src/main/java"))) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".java")).toList()) {
                Matcher names = annotated.matcher(Files.readString(file));
                while (names.find()) {
                    Matcher name = AN_OPTION.matcher(names.group(1));
                    while (name.find()) {
                        options.add(name.group(1));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return options;
    }

    /** Why the command would be refused before it did anything; empty if it would not. */
    String fault(List<String> words) {
        if (OF_THE_AGENT.contains(words.get(0))) {
            return unknown(words, agent);
        }
        try {
            Errand.commandLine().parseArgs(words.toArray(String[]::new));
            return "";
        } catch (CommandLine.ParameterException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** The same of a synopsis, in which brackets, bars and dots stand for choices: only its commands and options are looked up. */
    String faultOfSynopsis(String synopsis) {
        List<String> words = new ArrayList<>(Arrays.stream(
                        synopsis.replaceAll("\\\\?\\||[\\[\\]]", " ").strip().split("[ ,]+"))
                .toList());
        words.removeAll(PLACEHOLDERS);
        if (words.isEmpty() || words.get(0).isEmpty() || words.get(0).startsWith("-")) {
            return "";
        }
        if (OF_THE_AGENT.contains(words.get(0))) {
            return unknown(words, agent);
        }
        CommandLine command = Errand.commandLine();
        int next = 0;
        while (next < words.size() && command.getSubcommands().containsKey(words.get(next))) {
            command = command.getSubcommands().get(words.get(next++));
        }
        if (next == 0) {
            return "no command '" + words.get(0) + "'";
        }
        boolean any = command.getCommandSpec().unmatchedArgsBindings().size() > 0;
        return any
                ? ""
                : unknown(
                        words.subList(next, words.size()),
                        command.getCommandSpec().optionsMap().keySet());
    }

    private static String unknown(List<String> words, Set<String> known) {
        for (String word : words) {
            if (word.equals("--")) {
                return "";
            }
            String name = word.replaceFirst("=.*", "");
            if (name.startsWith("--") && !known.contains(name)) {
                return "no option " + name;
            }
        }
        return "";
    }
}
