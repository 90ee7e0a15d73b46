/** What koshi.yaml says, as one immutable tree of records that is replaced at reload. */
@Export
@Version("0.1.0")
package io.koshi.config;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
