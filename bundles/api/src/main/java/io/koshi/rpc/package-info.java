/** Methods: what the hub can do, as data plus a function, reached through one registry by every door. */
@Export
@Version("0.1.0")
package io.koshi.rpc;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
