/** Tools that read, write and search files, inside the workspace. */
package io.koshi.service.files;
