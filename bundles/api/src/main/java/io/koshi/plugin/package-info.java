/** Bundles that come and go while messages flow. */
@Export
@Version("0.1.0")
package io.koshi.plugin;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
