package dev.errand.operator;

import dev.errand.json.JsonValue.JsonObject;

/**
 * An answer in both its forms.
 *
 * @param text the form for people, with its last newline
 */
record Page(JsonObject json, String text) {}
