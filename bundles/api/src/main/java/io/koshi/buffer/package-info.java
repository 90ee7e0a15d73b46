/** The durable inbox as the router sees it: batches out, states back. */
@Export
@Version("0.1.0")
package io.koshi.buffer;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
