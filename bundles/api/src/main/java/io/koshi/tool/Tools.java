package io.koshi.tool;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** The tools that are here now, by name. Thread-safe. */
@ProviderType
public interface Tools {
    Optional<Tool> find(String name);

    List<Tool> list();
}
