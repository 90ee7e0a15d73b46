/** Who asks: tokens, peers and the scopes the hub has bound to them. */
@Export
@Version("0.1.0")
package io.koshi.auth;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
