/** WebSocket routes of plugins, free of any server's types. */
@Export
@Version("0.1.0")
package io.koshi.socket;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
