package dev.errand.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * No block of a page stands there unchecked. Commands are checked by {@code PageCommandsTest}, YAML by the reader of its kind,
 * JSON by a parser; any other block is in the table {@code pages/kept.txt}, with the test that runs it or holds it to what is shown.
 */
class PageInventoryTest {
    private static final Set<YamlKind> NEED_A_TEST = EnumSet.of(YamlKind.SCENARIO, YamlKind.OBJECT);

    private final List<Kept> table = Kept.table();

    private boolean isInTheTable(Block block) {
        return table.stream().anyMatch(kept -> kept.keeps(block));
    }

    private boolean isKept(Block block) {
        if (isInTheTable(block)) {
            return true;
        }
        return switch (block.language()) {
            case "sh", "json" -> true;
            case "console" ->
                block.lines().stream().allMatch(line -> block.script().contains(line.replaceFirst("^\\$ ", "")));
            case "yaml" -> {
                Optional<YamlKind> kind = YamlKind.of(block);
                yield kind.isPresent() && !NEED_A_TEST.contains(kind.get());
            }
            default -> false;
        };
    }

    @Test
    void everyBlock_isRunReadOrParsed() {
        List<Block> blocks = Block.all();
        assertThat(blocks).hasSizeGreaterThan(200);
        assertThat(blocks.stream()
                        .filter(block -> !isKept(block))
                        .map(block -> block.place() + " [" + block.language() + "] " + block.firstLine()))
                .as("blocks that nothing runs, reads or parses: add the test that does to pages/kept.txt")
                .isEmpty();
    }

    @Test
    void everyLineOfTheTable_hasItsBlockAndItsTest() {
        List<Block> blocks = Block.all();
        List<String> told = new ArrayList<>();
        for (Kept kept : table) {
            long keeps = blocks.stream().filter(kept::keeps).count();
            if (keeps == 0 || keeps > 1 && !kept.isOfALanguage()) {
                told.add(kept + ": is of " + keeps + " blocks");
            } else if (!kept.by().equals(Kept.PICTURE)) {
                String file = kept.page().substring(kept.page().lastIndexOf('/') + 1);
                if (!kept.source().contains(file)) {
                    told.add(kept + ": no such test, or it does not read the page");
                }
            }
        }
        assertThat(told).isEmpty();
    }

    @Test
    void everyJson_isJson() {
        JsonMapper json = new JsonMapper();
        for (Block block : Block.all()) {
            if (block.language().equals("json")) {
                String text = block.text()
                        // Dots stand for what is left out: members, or the rest of a text.
                        .replaceAll(",\\s*…", "")
                        .replace("…", "");
                try {
                    json.readTree(text);
                } catch (JacksonException e) {
                    throw new AssertionError(block.place() + ": " + e.getMessage(), e);
                }
            }
        }
    }

    /** A block that only its indentation makes one would escape every check. */
    @Test
    void noBlock_isMadeByIndentation() {
        for (String page : Block.pages()) {
            boolean list = false;
            String before = "";
            for (String line : Block.prose(page)) {
                list = line.matches("([-*]|[0-9]+\\.) .*") || list && (line.isEmpty() || line.startsWith(" "));
                assertThat(before.isEmpty() && line.startsWith("    ") && !list)
                        .as("%s: %s", page, line)
                        .isFalse();
                before = line;
            }
        }
    }

    /** A block without a language is neither coloured nor checked. */
    @Test
    void everyBlock_saysItsLanguage() {
        assertThat(Block.all().stream()
                        .filter(block -> block.language().isEmpty())
                        .map(Block::place))
                .isEmpty();
    }
}
