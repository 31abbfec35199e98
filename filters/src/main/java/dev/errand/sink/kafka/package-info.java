/** The sink at a Kafka topic; the only home of the Kafka client. */
@NullMarked
package dev.errand.sink.kafka;

import org.jspecify.annotations.NullMarked;
