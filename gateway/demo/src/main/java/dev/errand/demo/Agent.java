package dev.errand.demo;

import dev.errand.holder.AgentKey;
import java.util.List;

/**
 * Who makes a call: a name, a key, and the token that is shown.
 *
 * @param human the human on whose behalf it calls
 * @param ancestors the tokens above, root first
 */
record Agent(String name, String human, AgentKey key, String token, List<String> ancestors) {}
