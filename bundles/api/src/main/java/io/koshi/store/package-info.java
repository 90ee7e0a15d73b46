/** The durable store: one writer that groups commits, readers of their own, migrations per room. */
@Export
@Version("0.1.0")
package io.koshi.store;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
