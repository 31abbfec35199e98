package dev.errand.pages;

import dev.errand.Checkout;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One line of {@code pages/kept.txt}: a block of a page, and what keeps it true.
 *
 * @param page below the repository
 * @param beginning of a line of the block, without the spaces before it; or a language in brackets, for all blocks of it
 * @param by the simple name of the test, or {@code picture}
 */
record Kept(String page, String beginning, String by) {
    /** For a picture, and a form that stands in the page to be read. */
    static final String PICTURE = "picture";

    static List<Kept> table() {
        List<Kept> table = new ArrayList<>();
        try (InputStream in = Objects.requireNonNull(Kept.class.getResourceAsStream("/pages/kept.txt"))) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (!line.startsWith("#") && !line.isBlank()) {
                    List<String> parts = Arrays.stream(line.split(" +\\| +", 3))
                            .map(String::strip)
                            .toList();
                    table.add(new Kept(parts.get(0), parts.get(2), parts.get(1)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return table;
    }

    /** Whether the line is of all blocks of one language. */
    boolean isOfALanguage() {
        return beginning.startsWith("[");
    }

    boolean keeps(Block block) {
        if (!block.page().equals(page)) {
            return false;
        }
        return isOfALanguage()
                ? beginning.equals("[" + block.language() + "]")
                : block.lines().stream().anyMatch(line -> line.strip().startsWith(beginning));
    }

    /** The source of the test; empty where there is none of that name. */
    String source() {
        for (String module : Checkout.MODULES) {
            try (Stream<Path> files =
                    Files.walk(Block.REPOSITORY.resolve(module).resolve("src/test/java"))) {
                List<Path> found = files.filter(
                                file -> file.getFileName().toString().equals(by + ".java"))
                        .toList();
                if (!found.isEmpty()) {
                    return Files.readString(found.get(0));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return "";
    }
}
