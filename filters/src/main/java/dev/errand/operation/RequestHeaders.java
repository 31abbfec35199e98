package dev.errand.operation;

import java.util.List;
import java.util.Set;

/** The header fields of a request, names without regard to case. A view: reading it copies nothing. */
public interface RequestHeaders {
    /** The field values in the order sent; empty where the field is absent. */
    List<String> values(String name);

    /** The names present. */
    Set<String> names();
}
