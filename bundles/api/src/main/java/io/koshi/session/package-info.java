/** Transcripts of conversations, bounded. */
@Export
@Version("0.1.0")
package io.koshi.session;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
