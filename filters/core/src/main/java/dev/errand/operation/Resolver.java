package dev.errand.operation;

import dev.errand.config.Faults;
import dev.errand.config.Keys;

/** A way to name the operations of an upstream, chosen by {@code resolver} in a catalogue file. Immutable; thread-safe. */
public interface Resolver {
    /** The word for it in catalogue files. */
    String name();

    /** All keys of its catalogue files, made by {@link CatalogueKeys#of}. */
    Keys keys();

    /** Which spellings pass, unless the file says otherwise. */
    default Normalisation spelling() {
        return Normalisation.DEFAULT;
    }

    /** The protocol whose headers pass; {@link HeaderProtocol#NONE} if the catalogue file tells it. */
    default HeaderProtocol protocol() {
        return HeaderProtocol.NONE;
    }

    /** The form of refusals, unless the file says otherwise. */
    default RefusalStyle refusals() {
        return RefusalStyle.PROBLEM;
    }

    /** Compiles a catalogue file, whose keys were checked. The catalogue must not be used after a fault. */
    OperationCatalogue read(Declaration declaration, Faults faults);
}
