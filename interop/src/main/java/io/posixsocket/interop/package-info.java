/** What the tests against foreign peers share. */
package io.posixsocket.interop;
