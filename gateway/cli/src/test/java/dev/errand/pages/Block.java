package dev.errand.pages;

import dev.errand.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One fenced block of a page.
 *
 * @param page below the repository
 * @param line of the fence, from 1
 * @param language the word behind the fence, empty if there is none
 * @param lines between the fences, without the indentation of the fence
 */
record Block(String page, int line, String language, List<String> lines) {
    static final Path REPOSITORY = Checkout.TOP;

    private static final String FENCE = "```";

    /** The pages for readers: those of the top, and of four folders. */
    static List<String> pages() {
        List<String> pages = new ArrayList<>();
        try (Stream<Path> top = Files.list(REPOSITORY);
                Stream<Path> docs = Files.walk(REPOSITORY.resolve("docs"));
                Stream<Path> deploy = Files.walk(REPOSITORY.resolve("deploy"));
                Stream<Path> clients = Files.walk(REPOSITORY.resolve("clients"));
                Stream<Path> verify = Files.walk(REPOSITORY.resolve("verify"))) {
            Stream.of(top, docs, deploy, clients, verify)
                    .flatMap(files -> files)
                    .map(file -> REPOSITORY.relativize(file).toString())
                    .filter(name -> name.endsWith(".md"))
                    .filter(name -> !name.contains("node_modules") && !name.equals("CHANGELOG.md"))
                    .sorted()
                    .forEach(pages::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return pages;
    }

    static List<String> linesOf(String page) {
        try {
            return Files.readAllLines(REPOSITORY.resolve(page));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Block> all() {
        return pages().stream().flatMap(page -> of(page).stream()).toList();
    }

    static List<Block> of(String page) {
        List<Block> blocks = new ArrayList<>();
        List<String> all = linesOf(page);
        for (int i = 0; i < all.size(); i++) {
            String opening = all.get(i).strip();
            if (opening.startsWith(FENCE)) {
                int indentation = all.get(i).indexOf(FENCE);
                List<String> lines = new ArrayList<>();
                int line = i + 1;
                for (i++; !all.get(i).strip().equals(FENCE); i++) {
                    lines.add(all.get(i)
                            .substring(Math.min(indentation, all.get(i).length())));
                }
                blocks.add(
                        new Block(page, line, opening.substring(FENCE.length()).split(" ")[0], lines));
            }
        }
        return blocks;
    }

    /** The lines of the page outside of its blocks. */
    static List<String> prose(String page) {
        List<String> prose = new ArrayList<>();
        boolean fenced = false;
        for (String line : linesOf(page)) {
            if (line.strip().startsWith(FENCE)) {
                fenced = !fenced;
            } else if (!fenced) {
                prose.add(line);
            }
        }
        return prose;
    }

    String text() {
        return String.join("\n", lines) + '\n';
    }

    String firstLine() {
        return lines.isEmpty() ? "" : lines.get(0);
    }

    String place() {
        return page + ":" + line;
    }

    boolean isShell() {
        return language.equals("sh") || language.equals("console");
    }

    /** What a reader types: all of a script, and of a dialogue what stands behind its prompts. */
    String script() {
        if (!language.equals("console")) {
            return text();
        }
        StringBuilder typed = new StringBuilder();
        boolean goesOn = false;
        for (String line : lines) {
            if (goesOn || line.startsWith("$ ")) {
                typed.append(goesOn ? line : line.substring(2)).append('\n');
                goesOn = line.endsWith("\\");
            }
        }
        return typed.toString();
    }
}
