/** The words of a message's way through the hub, and the few services every bundle may ask for. */
@Export
@Version("0.1.0")
package io.koshi.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
