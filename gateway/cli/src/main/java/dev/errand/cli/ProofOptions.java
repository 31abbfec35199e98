package dev.errand.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code errand check} about properties of templates. */
final class ProofOptions {
    @Option(
            names = "--scenarios",
            paramLabel = "DIR",
            description = "Write each run that breaks a property as a scenario for errand test into this directory.")
    @Nullable Path scenarios;

    @Option(
            names = "--vacuity",
            description = "Warn of rules that can never object, and of steps, grants and budgets that no run reaches.")
    boolean vacuity;

    @Mixin
    TimeLimit limit = new TimeLimit();
}
