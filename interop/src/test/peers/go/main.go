// A ttRPC server or client that does what its standard input says, in the language that PeerProcess.java describes.
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/status"
	"posixsocket/interop"
)

var saying sync.Mutex

func say(words ...string) {
	saying.Lock()
	defer saying.Unlock()
	fmt.Println(strings.Join(words, "|"))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	switch path := os.Args[2]; os.Args[1] {
	case "serve":
		serve(path)
	case "call":
		call(path)
	}
}

func serve(path string) {
	listener, err := net.Listen("unix", path)
	must(err)
	server, err := ttrpc.NewServer()
	must(err)
	interop.RegisterUnaryService(server, &unary{held: map[string]chan struct{}{}})
	registerStreams(server)
	go server.Serve(context.Background(), listener)
	say("ready")
	io.Copy(io.Discard, os.Stdin)
	must(server.Close())
}

func call(path string) {
	conn, err := net.Dial("unix", path)
	must(err)
	client := ttrpc.NewClient(conn)
	say("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Split(lines.Text(), "|")
		go func() {
			switch words[1] {
			case "unary":
				say(words[0], callUnary(client, words[2:]))
			case "stream":
				say(words[0], callStream(client, words[2], number(words[3]), words[4:]))
			}
		}()
	}
	must(client.Close())
}

// words: service, method, milliseconds until the deadline, text, number, length of data, metadata.
func callUnary(client *ttrpc.Client, words []string) string {
	ctx, cancel := within(number(words[2]))
	defer cancel()
	metadata := ttrpc.MD{}
	for _, entry := range words[6:] {
		key, value, _ := strings.Cut(entry, "=")
		metadata.Append(key, value)
	}
	if len(metadata) > 0 {
		ctx = ttrpc.WithMetadata(ctx, metadata)
	}
	request := &interop.Item{Text: words[3], Number: number(words[4]), Data: make([]byte, number(words[5]))}
	reply := &interop.Item{}
	if err := client.Call(ctx, words[0], words[1], request, reply); err != nil {
		return failure(err)
	}
	return fmt.Sprintf("ok|%s|%d|%d|%s", reply.Text, reply.Number, len(reply.Data), strings.Join(reply.List, ","))
}

// 0 is no deadline.
func within(millis int64) (context.Context, context.CancelFunc) {
	if millis == 0 {
		return context.WithCancel(context.Background())
	}
	return context.WithTimeout(context.Background(), time.Duration(millis)*time.Millisecond)
}

func failure(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "failed|4|" + err.Error() + "|"
	}
	status, ok := status.FromError(err)
	if !ok {
		return "broken|" + err.Error()
	}
	var details []string
	for _, detail := range status.Proto().Details {
		details = append(details, detail.TypeUrl+"="+hex.EncodeToString(detail.Value))
	}
	return fmt.Sprintf("failed|%d|%s|%s", status.Code(), status.Message(), strings.Join(details, ","))
}

func number(word string) int64 {
	value, err := strconv.ParseInt(word, 10, 64)
	must(err)
	return value
}
