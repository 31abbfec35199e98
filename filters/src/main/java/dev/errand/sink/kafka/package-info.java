/** The sink for a Kafka topic; only this package uses the Kafka client. */
@NullMarked
package dev.errand.sink.kafka;

import org.jspecify.annotations.NullMarked;
