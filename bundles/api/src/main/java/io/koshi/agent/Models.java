package io.koshi.agent;

import io.koshi.model.Model;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** The named models that are here now. Thread-safe. */
@ProviderType
public interface Models {
    Optional<Model> find(String name);

    List<String> names();
}
