/** What can think: models that complete or stream, with tool calls and usage. */
@Export
@Version("0.1.0")
package io.koshi.model;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
