package dev.errand;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How large the parts of the modules may grow. An exception stands here with its reason. */
class HouseRulesTest {
    /** Main code and test code, each with its bounds. */
    enum Code {
        MAIN("main", 500, 12),
        TEST("test", 700, 16);

        private final String folder;
        private final int maxLines;
        private final int equalLines;

        Code(String folder, int maxLines, int equalLines) {
            this.folder = folder;
            this.maxLines = maxLines;
            this.equalLines = equalLines;
        }
    }

    private static final int MAX_PUBLIC_TYPES = 20;
    private static final int MAX_MUTABLE_FIELDS = 8;

    /** Files over the bound, with the reason. */
    private static final Map<String, String> LONG_FILES = Map.of();

    /** Packages with more public types than the larger of 20 and a third of all, with the reason. */
    private static final Map<String, String> MANY_PUBLIC_TYPES = Map.of(
            "dev.errand.credential", "each kind of credential is configured and made ready elsewhere",
            "dev.errand.log.proof", "the formats on disk are read, written and verified in three packages",
            "dev.errand.operation", "the words in which all packages above speak of a call",
            "dev.errand.task", "the words in which all packages above speak of a task",
            "dev.errand.template", "what a template grants is used wherever a task starts or is told",
            "dev.errand.token", "the words in which all packages above speak of a chain",
            "dev.errand.web", "the values of a call, which the stages hand on");

    /** Classes over the bound, with the reason. */
    private static final Map<String, String> MANY_FIELDS = Map.of(
            "dev.errand.agent.ListenOptions", "picocli writes a command's options into its fields",
            "dev.errand.agent.StartOptions", "picocli writes a command's options into its fields",
            "dev.errand.cli.VerifyCommand", "picocli writes a command's options into its fields",
            "dev.errand.cli.TokenDeriveCommand", "picocli writes a command's options into its fields",
            "dev.errand.cli.TokenStartCommand", "picocli writes a command's options into its fields",
            "dev.errand.server.Http2Watch", "what one connection's frames say, read and written by its event loop");

    @ParameterizedTest
    @EnumSource
    void files_haveAtMostSoManyLines(Code code) throws IOException {
        Map<String, Integer> longer = new TreeMap<>();
        for (String module : Checkout.MODULES) {
            for (Path file : sources(module, code)) {
                int lines = Files.readAllLines(file).size();
                if (lines > code.maxLines) {
                    longer.put(name(file), lines);
                }
            }
        }
        longer.keySet().removeAll(LONG_FILES.keySet());
        assertThat(longer).isEmpty();
    }

    /** The words of a package are few: the rest is its own. */
    @Test
    void packages_haveFewPublicTypes() {
        Map<String, int[]> counts = new TreeMap<>();
        for (JavaClass type : House.CLASSES) {
            if (type.isTopLevelClass() && !type.getSimpleName().equals("package-info")) {
                int[] count = counts.computeIfAbsent(type.getPackageName(), name -> new int[2]);
                count[0]++;
                count[1] += type.getModifiers().contains(JavaModifier.PUBLIC) ? 1 : 0;
            }
        }
        Map<String, String> more = new TreeMap<>();
        counts.forEach((name, count) -> {
            if (count[1] > Math.max(MAX_PUBLIC_TYPES, count[0] / 3)) {
                more.put(name, count[1] + " of " + count[0]);
            }
        });
        assertThat(more.keySet()).as("%s", more).isEqualTo(new TreeSet<>(MANY_PUBLIC_TYPES.keySet()));
    }

    @Test
    void classes_haveAtMostEightMutableFields() {
        assertThat(manyFields(House.CLASSES)).isEqualTo(new TreeSet<>(MANY_FIELDS.keySet()));
    }

    private static Set<String> manyFields(JavaClasses classes) {
        Set<String> more = new TreeSet<>();
        for (JavaClass type : classes) {
            if (type.getFields().stream().filter(HouseRulesTest::isMutable).count() > MAX_MUTABLE_FIELDS) {
                more.add(type.getName());
            }
        }
        return more;
    }

    private static boolean isMutable(JavaField field) {
        Set<JavaModifier> modifiers = field.getModifiers();
        return !modifiers.contains(JavaModifier.STATIC)
                && !modifiers.contains(JavaModifier.FINAL)
                && !modifiers.contains(JavaModifier.SYNTHETIC);
    }

    /** The suffix of a name is the index of a folder, so a name means one thing in its module. */
    @Test
    void names_standForOneClassOfAModule() throws IOException {
        List<String> twice = new ArrayList<>();
        for (String module : Checkout.MODULES) {
            Map<String, Path> known = new HashMap<>();
            for (Code code : Code.values()) {
                for (Path file : sources(module, code)) {
                    Path before = known.putIfAbsent(file.getFileName().toString(), file);
                    if (before != null) {
                        twice.add(before + " = " + file);
                    }
                }
            }
        }
        assertThat(twice).isEmpty();
    }

    /** Lines that say nothing of their own, such as a brace alone, count neither for nor against. */
    @ParameterizedTest
    @EnumSource
    void passages_ofSoManyLines_areWrittenOnce(Code code) throws IOException {
        Map<String, String> first = new HashMap<>();
        Set<String> twice = new TreeSet<>();
        for (String module : Checkout.MODULES) {
            for (Path file : sources(module, code)) {
                List<String> lines = new ArrayList<>();
                List<Integer> numbers = new ArrayList<>();
                read(file, lines, numbers);
                for (int i = 0; i + code.equalLines <= lines.size(); i++) {
                    String passage = String.join("\n", lines.subList(i, i + code.equalLines));
                    String here = name(file) + ":" + numbers.get(i);
                    String there = first.putIfAbsent(passage, here);
                    if (there != null) {
                        twice.add(there + " = " + here);
                    }
                }
            }
        }
        assertThat(twice).isEmpty();
    }

    private static void read(Path file, List<String> lines, List<Integer> numbers) throws IOException {
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            String normal = line.strip().replaceAll("\\s+", " ");
            boolean says = normal.chars().anyMatch(Character::isLetterOrDigit)
                    && !normal.startsWith("import ")
                    && !normal.startsWith("package ")
                    && !normal.equals("@Override");
            if (says) {
                lines.add(normal);
                numbers.add(number);
            }
        }
    }

    private static List<Path> sources(String module, Code code) throws IOException {
        Path folder = Checkout.path(module + "/src/" + code.folder + "/java");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("package-info.java"))
                    .sorted()
                    .collect(Collectors.toList());
        }
    }

    private static String name(Path file) {
        return Checkout.TOP.relativize(file).toString().replaceAll("src/(main|test)/java/dev/errand/|\\.java$", "");
    }
}
