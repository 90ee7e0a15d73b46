/** Events: one global sequence, a bounded replay window, and a visible gap for a slow subscriber. */
@Export
@Version("0.1.0")
package io.koshi.event;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
