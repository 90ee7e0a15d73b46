/** Records, plain data, JSON, CBOR and the JSON Schema of a record: one shape, read once. */
@Export
@Version("0.1.0")
package io.koshi.codec;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
