/** Replies on their way out: stored before they are promised, sent in order. */
@Export
@Version("0.1.0")
package io.koshi.outbox;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
