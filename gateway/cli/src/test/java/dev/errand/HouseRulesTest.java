package dev.errand;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
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

/** How large the parts of the modules may grow. An exception stands here with its reason. */
class HouseRulesTest {
    private static final int MAX_LINES = 300;
    private static final int MAX_FILES = 20;
    private static final int MAX_MUTABLE_FIELDS = 8;
    private static final int EQUAL_LINES = 12;

    private static final List<Path> MAINS = Checkout.MODULES.stream()
            .map(module -> Checkout.path(module + "/src/main/java"))
            .toList();

    /** Files over the bound, with the reason. */
    private static final Map<String, String> LONG_FILES = Map.of(
            "autoconfigure/ConfigurationCheck", "the order in which a whole configuration is checked",
            "offline/replay/TaskReplay", "decides a task's records again, in one pass",
            "sequence/Plan", "one question to a plan, with all outcomes that it must look at",
            "task/TaskOutcome", "the closed list of outcomes",
            "task/TaskStep", "the closed list of steps",
            "task/step/Ledger", "one working copy, through which all steps go",
            "web/call/Call", "the closed list of a call's stages",
            "web/send/UpstreamRoutingFilter", "one request on its way, with what is told of it");

    /** Packages over the bound, with the reason. */
    private static final Map<String, String> LARGE_PACKAGES = Map.of(
            "sequence", "the policy of plan and rules, and the values that it is asked about",
            "state/redis", "one class for each part of a task's lane, which are package-private");

    /** Classes over the bound, with the reason. */
    private static final Map<String, String> MANY_FIELDS = Map.of(
            "dev.errand.cli.VerifyCommand", "picocli writes a command's options into its fields",
            "dev.errand.cli.TokenDeriveCommand", "picocli writes a command's options into its fields",
            "dev.errand.cli.TokenStartCommand", "picocli writes a command's options into its fields",
            "dev.errand.server.Http2Watch", "what one connection's frames say, read and written by its event loop");

    @Test
    void files_haveAtMost300Lines() throws IOException {
        Map<String, Integer> longer = new TreeMap<>();
        for (Path file : sources()) {
            int lines = Files.readAllLines(file).size();
            if (lines > MAX_LINES) {
                longer.put(name(file), lines);
            }
        }
        assertThat(longer.keySet()).as("%s", longer).isEqualTo(LONG_FILES.keySet());
    }

    @Test
    void packages_haveAtMost20Files() throws IOException {
        Map<String, Long> larger = sources().stream()
                .collect(Collectors.groupingBy(file -> name(file.getParent()), TreeMap::new, Collectors.counting()));
        larger.values().removeIf(files -> files <= MAX_FILES);
        assertThat(larger.keySet()).as("%s", larger).isEqualTo(LARGE_PACKAGES.keySet());
    }

    @Test
    void classes_haveAtMostEightMutableFields() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importPackages("dev.errand");
        Map<String, Long> more = new TreeMap<>();
        for (JavaClass type : classes) {
            long mutable =
                    type.getFields().stream().filter(HouseRulesTest::isMutable).count();
            if (mutable > MAX_MUTABLE_FIELDS) {
                more.put(type.getName(), mutable);
            }
        }
        assertThat(more.keySet()).as("%s", more).isEqualTo(MANY_FIELDS.keySet());
    }

    private static boolean isMutable(JavaField field) {
        Set<JavaModifier> modifiers = field.getModifiers();
        return !modifiers.contains(JavaModifier.STATIC)
                && !modifiers.contains(JavaModifier.FINAL)
                && !modifiers.contains(JavaModifier.SYNTHETIC);
    }

    /** Lines that say nothing of their own, such as a brace alone, count neither for nor against. */
    @Test
    void passages_ofTwelveLines_areWrittenOnce() throws IOException {
        Map<String, String> first = new HashMap<>();
        Set<String> twice = new TreeSet<>();
        for (Path file : sources()) {
            List<String> lines = new ArrayList<>();
            List<Integer> numbers = new ArrayList<>();
            read(file, lines, numbers);
            for (int i = 0; i + EQUAL_LINES <= lines.size(); i++) {
                String passage = String.join("\n", lines.subList(i, i + EQUAL_LINES));
                String here = name(file) + ":" + numbers.get(i);
                String there = first.putIfAbsent(passage, here);
                if (there != null) {
                    twice.add(there + " = " + here);
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

    private static List<Path> sources() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path main : MAINS) {
            try (Stream<Path> tree = Files.walk(main)) {
                tree.filter(file -> file.toString().endsWith(".java"))
                        .filter(file -> !file.endsWith("package-info.java"))
                        .sorted()
                        .forEach(files::add);
            }
        }
        return files;
    }

    private static String name(Path file) {
        String path = file.toString().replace('\\', '/');
        return path.substring(path.indexOf("dev/errand/") + "dev/errand/".length())
                .replace(".java", "");
    }
}
