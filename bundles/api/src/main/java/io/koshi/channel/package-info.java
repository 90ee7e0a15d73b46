/** The channels that are here now. */
@Export
@Version("0.1.0")
package io.koshi.channel;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
