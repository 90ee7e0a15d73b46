/** A tool that runs programs, without a shell and behind walls. */
package io.koshi.service.exec;
