package dev.errand.cli;

/** A command with commands below it; alone it prints its usage. */
abstract class CommandGroup extends CliCommand {
    @Override
    public Integer call() {
        spec().commandLine().usage(out());
        return 0;
    }
}
