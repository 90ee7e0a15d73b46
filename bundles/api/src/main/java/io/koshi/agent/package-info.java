/** Turns: one run per session, conversations in parallel. */
@Export
@Version("0.1.0")
package io.koshi.agent;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
