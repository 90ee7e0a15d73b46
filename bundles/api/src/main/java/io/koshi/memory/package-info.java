/** What the hub remembers between conversations. */
@Export
@Version("0.1.0")
package io.koshi.memory;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
