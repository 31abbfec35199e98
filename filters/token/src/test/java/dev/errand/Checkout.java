package dev.errand;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files of the checkout that the tests run in, wherever their module lies. */
public final class Checkout {
    /** The top of the checkout: absolute, without dots. */
    public static final Path TOP = top();

    /** The folders of the product's modules, each after those that it uses. */
    public static final List<String> MODULES = List.of(
            "filters/token",
            "filters/core",
            "filters/log",
            "filters/store",
            "filters/starter",
            "agent",
            "gateway/offline",
            "gateway/server",
            "gateway/cli",
            "gateway/demo");

    private Checkout() {}

    /** A file or directory of the checkout, by its path below the top with {@code /}. */
    public static Path path(String below) {
        return TOP.resolve(below);
    }

    private static Path top() {
        Path here = Path.of("").toAbsolutePath();
        while (here != null && !Files.exists(here.resolve("mvnw"))) {
            here = here.getParent();
        }
        if (here == null) {
            throw new IllegalStateException("the tests run in no checkout");
        }
        return here;
    }
}
