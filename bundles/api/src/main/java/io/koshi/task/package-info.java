/** Work that outlives a turn. */
@Export
@Version("0.1.0")
package io.koshi.task;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
