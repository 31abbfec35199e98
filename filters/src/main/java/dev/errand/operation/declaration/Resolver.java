package dev.errand.operation.declaration;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RefusalStyle;
import dev.errand.operation.header.HeaderRules;
import dev.errand.operation.normalise.Normalisation;

/** A way to name the operations of an upstream, chosen by {@code resolver} in a catalogue file. Immutable; thread-safe. */
public interface Resolver {
    /** The word that chooses it. */
    String name();

    /** Every key of its file, made by {@link CatalogueKeys#of}. */
    Keys keys();

    /** Which spellings pass where the file does not say. */
    default Normalisation spelling() {
        return Normalisation.DEFAULT;
    }

    /** What becomes of headers where the file does not say. */
    default HeaderRules headers() {
        return HeaderRules.COMMON;
    }

    /** The form of refusals where the file does not say. */
    default RefusalStyle refusals() {
        return RefusalStyle.PROBLEM;
    }

    /** Compiles a catalogue file, whose keys are known already; after a fault the catalogue is not to be used. */
    OperationCatalogue read(Declaration declaration, Faults faults);
}
