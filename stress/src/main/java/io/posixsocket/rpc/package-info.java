/** The states that threads meet in, under jcstress: every outcome is listed, and those that must not be are forbidden. */
package io.posixsocket.rpc;
