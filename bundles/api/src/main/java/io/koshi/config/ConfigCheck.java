package io.koshi.config;

import io.koshi.api.Problem;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** A room's own check of a configuration before it holds; paths are turned into line and column. */
@ConsumerType
public interface ConfigCheck {
    /** What is wrong with the blocks this room understands; paths begin at the file's root. */
    List<Problem> check(Config candidate);
}
