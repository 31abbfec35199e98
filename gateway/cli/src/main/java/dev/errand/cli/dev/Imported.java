package dev.errand.cli.dev;

/** What {@code init --dev} writes for an upstream that describes itself. */
interface Imported {
    /** The YAML of the catalogue. */
    String catalogue();

    /** The YAML of the scenarios of the template {@code explore}. */
    String scenarios();
}
