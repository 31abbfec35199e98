package dev.errand.credential;

import dev.errand.upstream.CallTask;

/** Whom a credential names as its subject. */
enum Subject {
    /** The human on whose behalf the task runs, as {@code <iss>#<sub>}. */
    HUMAN,
    /** The agent that the root was issued to, by its SPIFFE ID. */
    AGENT;

    /**
     * The subject in that task.
     *
     * @throws NotAttestedException if it is an agent that nothing proved
     */
    public String in(CallTask task) {
        return switch (this) {
            case HUMAN -> task.humanSubject();
            case AGENT -> {
                String agent = task.agent();
                if (agent == null || !task.attested()) {
                    throw new NotAttestedException();
                }
                yield agent;
            }
        };
    }
}
