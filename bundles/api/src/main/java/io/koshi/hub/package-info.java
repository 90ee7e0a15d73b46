/** The hub as a whole: its health, its life and its traces. */
@Export
@Version("0.1.0")
package io.koshi.hub;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
