//go:build !streams

package main

import "github.com/containerd/ttrpc"

func registerStreams(server *ttrpc.Server) {}

func callStream(client *ttrpc.Client, method string, millis int64, steps []string) string {
	return "broken|ttrpc 1.1 has no streams"
}
