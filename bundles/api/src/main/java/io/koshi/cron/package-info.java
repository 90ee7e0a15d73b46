/** Times as people write them, read the same way everywhere. */
@Export
@Version("0.1.0")
package io.koshi.cron;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
