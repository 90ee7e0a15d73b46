/** Skills: what an agent knows how to do, written down in words. */
@Export
@Version("0.1.0")
package io.koshi.skill;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
