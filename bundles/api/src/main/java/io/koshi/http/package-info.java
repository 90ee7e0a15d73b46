/**
 * Reads what other people's HTTP services answer: a body as it comes, within bounds of size and silence; the
 * server-sent events in it; and the header that says when to come back. Models, channels and tools that ask a
 * service share these.
 */
@Export
@Version("0.1.0")
package io.koshi.http;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
