/** Tools that agents can call. */
@Export
@Version("0.1.0")
package io.koshi.tool;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
