package io.koshi.api;

import java.io.IOException;
import java.io.InputStream;
import org.osgi.annotation.versioning.ProviderType;

/** Large bytes outside the database, in {@code data/blobs/}, named by their SHA-256. */
@ProviderType
public interface Blobs {
    /** Stores all of a stream durably and returns its reference; the same bytes give the same one. */
    String put(InputStream bytes) throws IOException;

    /** @throws KoshiException NOT_FOUND when there is no such blob */
    InputStream open(String ref) throws IOException;
}
