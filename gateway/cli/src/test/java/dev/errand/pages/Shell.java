package dev.errand.pages;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The simple commands of a shell script, each as its words, in the order in which they stand. Those within a substitution, and
 * those of a script that {@code sh -c} is given, are among them. It reads what the pages hold, not every script: what it cannot
 * read is an error.
 */
final class Shell {
    private static final Pattern ASSIGNMENT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=.*", Pattern.DOTALL);
    private static final Set<String> BEFORE_A_COMMAND =
            Set.of("{", "}", "if", "then", "else", "fi", "while", "do", "done", "!", "exec", "sudo", "env");
    private static final Set<String> SHELLS = Set.of("sh", "bash");

    private final String script;
    private final List<List<String>> commands = new ArrayList<>();
    private final Deque<String> endings = new ArrayDeque<>();
    private List<String> words = new ArrayList<>();
    private StringBuilder word = new StringBuilder();
    private boolean inWord;
    private boolean toFile;
    private int at;

    private Shell(String script) {
        this.script = script;
    }

    static List<List<String>> commands(String script) {
        Shell shell = new Shell(script);
        shell.until('\0');
        return shell.commands;
    }

    private void until(char end) {
        while (at < script.length()) {
            char c = script.charAt(at++);
            if (c == end) {
                endCommand();
                return;
            }
            switch (c) {
                case '\\' -> escaped();
                case '\'' -> quoted();
                case '"' -> doubleQuoted();
                case '$' -> dollar();
                case '#' -> comment();
                case ' ', '\t' -> endWord();
                case '<', '>' -> redirection(c);
                case '\n' -> {
                    endCommand();
                    hereDocuments();
                }
                case ';', '|', '&' -> endCommand();
                case '(', ')' -> parenthesis();
                default -> add(c);
            }
        }
        if (end != '\0') {
            throw new AssertionError("no " + end + " in: " + script);
        }
        endCommand();
    }

    private void add(char c) {
        word.append(c);
        inWord = true;
    }

    private void escaped() {
        char next = script.charAt(at++);
        if (next != '\n') {
            add(next);
        }
    }

    private void quoted() {
        int end = script.indexOf('\'', at);
        word.append(script, at, end);
        inWord = true;
        at = end + 1;
    }

    private void doubleQuoted() {
        inWord = true;
        while (script.charAt(at) != '"') {
            char c = script.charAt(at++);
            if (c == '\\') {
                escaped();
            } else if (c == '$') {
                dollar();
            } else {
                word.append(c);
            }
        }
        at++;
    }

    /** A substitution is a script of its own; a variable keeps its name in the word. */
    private void dollar() {
        inWord = true;
        if (script.startsWith("(", at)) {
            Shell inner = new Shell(script);
            inner.at = at + 1;
            inner.until(')');
            commands.addAll(inner.commands);
            at = inner.at;
            word.append("SUBSTITUTED");
        } else {
            word.append('$');
        }
    }

    private void comment() {
        if (inWord) {
            add('#');
        } else {
            int end = script.indexOf('\n', at);
            at = end < 0 ? script.length() : end;
        }
    }

    /** The name of a file is no word of the command, nor is the number of a descriptor. */
    private void redirection(char c) {
        if (word.toString().matches("[0-9]?")) {
            word = new StringBuilder();
            inWord = false;
        }
        endWord();
        if (c == '<' && script.startsWith("<", at)) {
            int end = script.indexOf('\n', at);
            endings.add(
                    script.substring(at + 1, end < 0 ? script.length() : end).replaceAll("[-'\" ]", ""));
        }
        while (at < script.length() && "<>&-".indexOf(script.charAt(at)) >= 0) {
            at++;
        }
        toFile = true;
    }

    private void hereDocuments() {
        while (!endings.isEmpty()) {
            String ending = "\n" + endings.poll() + "\n";
            int end = (script + "\n").indexOf(ending, at - 1);
            at = Math.min(script.length(), end + ending.length());
        }
    }

    /** {@code name()} begins a function; else a subshell begins or ends. */
    private void parenthesis() {
        if (script.startsWith(")", at)) {
            word = new StringBuilder();
            inWord = false;
            words.clear();
            at++;
        } else {
            endCommand();
        }
    }

    private void endWord() {
        if (inWord && !toFile) {
            words.add(word.toString());
        }
        if (inWord) {
            toFile = false;
        }
        word = new StringBuilder();
        inWord = false;
    }

    private void endCommand() {
        endWord();
        toFile = false;
        int first = 0;
        while (first < words.size()
                && (ASSIGNMENT.matcher(words.get(first)).matches() || BEFORE_A_COMMAND.contains(words.get(first)))) {
            first++;
        }
        List<String> command = List.copyOf(words.subList(first, words.size()));
        words = new ArrayList<>();
        if (!command.isEmpty()) {
            commands.add(command);
            scriptWithin(command);
        }
    }

    private void scriptWithin(List<String> command) {
        for (int i = 0; i + 2 < command.size(); i++) {
            if (SHELLS.contains(command.get(i)) && command.get(i + 1).matches("-[a-z]*c")) {
                commands.addAll(commands(command.get(i + 2)));
            }
        }
    }
}
