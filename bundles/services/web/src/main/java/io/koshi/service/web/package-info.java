/** A tool that fetches pages of the public web. */
package io.koshi.service.web;
