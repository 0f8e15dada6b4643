/** JMH benchmarks of the parts of posixsocket-rpc, in its package because these are package-private. */
package io.posixsocket.rpc;
