/** Takes signed requests at configured routes in as messages. */
package io.koshi.listener.webhook;
