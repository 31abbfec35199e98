package dev.errand.web;

/** The six filters that a governed route must have, and the credential filter that only such a route may have. */
public enum Stage {
    TASK_IDENTITY("TaskIdentity"),
    DELEGATION_CHAIN("DelegationChain"),
    OPERATION_MAPPING("OperationMapping"),
    TASK_LIMITS("TaskLimits"),
    TASK_SEQUENCE("TaskSequence"),
    PROVENANCE("Provenance"),
    UPSTREAM_CREDENTIAL("UpstreamCredential");

    private final String filterName;

    Stage(String filterName) {
        this.filterName = filterName;
    }

    /** Its name in a route's {@code filters}. */
    String filterName() {
        return filterName;
    }
}
