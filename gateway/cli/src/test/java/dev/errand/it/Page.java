package dev.errand.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A page of {@code docs}, whose examples a test runs as they stand. */
record Page(String path) {
    private static final String FENCE = "```";

    /**
     * The one fenced block of the page that has a line with this beginning.
     *
     * @param beginning of one line of the block, without the spaces before it
     */
    String block(String beginning) {
        List<List<String>> found = new ArrayList<>();
        List<String> block = null;
        int indentation = 0;
        for (String line : lines()) {
            if (line.strip().startsWith(FENCE)) {
                indentation = line.indexOf(FENCE);
                if (block != null && block.stream().anyMatch(one -> one.strip().startsWith(beginning))) {
                    found.add(block);
                }
                block = block == null ? new ArrayList<>() : null;
            } else if (block != null) {
                block.add(line.substring(Math.min(indentation, line.length())));
            }
        }
        if (found.size() != 1) {
            throw new AssertionError(path + " has " + found.size() + " blocks with '" + beginning + "'");
        }
        return String.join("\n", found.get(0)) + '\n';
    }

    /** The grants of the block that begins with this comment: its lines without the first two, a comment and {@code allow:}. */
    String grants(String comment) {
        List<String> lines = block(comment).lines().toList();
        if (!lines.get(1).equals("allow:")) {
            throw new AssertionError(path + ": behind '" + comment + "' stands no 'allow:'");
        }
        return lines.stream().skip(2).collect(Collectors.joining("\n", "", "\n"));
    }

    private List<String> lines() {
        try {
            return Files.readAllLines(RunningGateway.repository().resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
