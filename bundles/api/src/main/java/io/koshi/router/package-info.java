/** Actions a routing rule may name, and the decision a rule makes. */
@Export
@Version("0.1.0")
package io.koshi.router;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
