// A call by containerd's own ttrpc, both sides in Go: a server and a client that talk with the benchmark as pingpong.c does.
//
//	ttrpcecho server|client PATH CALLERS SIZE kept|fresh|crowded
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"github.com/containerd/ttrpc"
)

const (
	service = "posixsocket.benchmarks.Echo"
	method  = "Echo"
	count   = 16 // different bodies
	crowd   = 1000
	tag     = 0xa // field 1, length-delimited
)

// payload is the message of echo.proto, coded as gogo/protobuf's generator would: without reflection.
type payload struct {
	body []byte
}

func (p *payload) Reset()         { *p = payload{} }
func (p *payload) String() string { return fmt.Sprintf("%d bytes", len(p.body)) }
func (p *payload) ProtoMessage()  {}

func (p *payload) Marshal() ([]byte, error) {
	if len(p.body) == 0 {
		return nil, nil
	}
	coded := make([]byte, 1+binary.MaxVarintLen64+len(p.body))
	coded[0] = tag
	head := 1 + binary.PutUvarint(coded[1:], uint64(len(p.body)))
	return coded[:head+copy(coded[head:], p.body)], nil
}

func (p *payload) Unmarshal(coded []byte) error {
	if len(coded) == 0 {
		return nil
	}
	length, n := binary.Uvarint(coded[1:])
	if coded[0] != tag || n <= 0 || uint64(len(coded)) != 1+uint64(n)+length {
		return errors.New("not a payload of one body")
	}
	p.body = append([]byte(nil), coded[1+n:]...)
	return nil
}

type terms struct {
	path          string
	callers, size int
	fresh         bool
	crowded       bool // beside the callers' connections there are so many idle ones
}

func main() {
	if len(os.Args) < 6 {
		fmt.Fprintln(os.Stderr, "usage: ttrpcecho server|client PATH CALLERS SIZE kept|fresh|crowded")
		os.Exit(2)
	}
	told := terms{os.Args[2], number(os.Args[3]), number(os.Args[4]), os.Args[5] == "fresh", os.Args[5] == "crowded"}
	if os.Args[1] == "server" {
		serve(told)
	} else {
		call(told)
	}
}

func check(err error) {
	if err != nil {
		fmt.Println("FAILED", err)
		os.Exit(1)
	}
}

func number(word string) int {
	n, err := strconv.Atoi(word)
	check(err)
	return n
}

// cpuNanos is the processor time of this process.
func cpuNanos() int64 {
	var use syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &use))
	return use.Utime.Nano() + use.Stime.Nano()
}

// ---- server ----

func serve(told terms) {
	listener, err := net.Listen("unix", told.path)
	check(err)
	server, err := ttrpc.NewServer(ttrpc.WithServerHandshaker(ttrpc.UnixSocketRequireSameUser()))
	check(err)
	server.Register(service, map[string]ttrpc.Method{
		method: func(ctx context.Context, unmarshal func(interface{}) error) (interface{}, error) {
			request := &payload{}
			return request, unmarshal(request)
		},
	})
	go func() { check(server.Serve(context.Background(), listener)) }()
	fmt.Println("READY")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if lines.Text() != "cpu" {
			check(fmt.Errorf("unknown command '%s'", lines.Text()))
		}
		fmt.Println(cpuNanos())
	}
}

// ---- client ----

type caller struct {
	path   string
	client *ttrpc.Client // nil: a fresh one for each call
	nanos  []int64       // of each call
}

func connect(path string) *ttrpc.Client {
	connection, err := net.Dial("unix", path)
	check(err)
	return ttrpc.NewClient(connection)
}

// disconnect waits until the connection is closed.
func disconnect(client *ttrpc.Client) {
	client.Close()
	check(client.UserOnCloseWait(context.Background()))
}

func (c *caller) echo(request *payload, reply *payload) error {
	client := c.client
	if client == nil {
		client = connect(c.path)
		defer disconnect(client)
	}
	return client.Call(context.Background(), service, method, request, reply)
}

func (c *caller) calls(bodies [][]byte, count int, interval time.Duration) {
	begin := time.Now()
	for i := 0; i < count; i++ {
		if interval > 0 {
			time.Sleep(time.Until(begin.Add(time.Duration(i) * interval)))
		}
		body := bodies[i%len(bodies)]
		before := time.Now()
		var reply payload
		err := c.echo(&payload{body}, &reply)
		c.nanos[i] = int64(time.Since(before))
		check(err)
		if !bytes.Equal(reply.body, body) {
			check(fmt.Errorf("the reply to call %d has other bytes than its request", i))
		}
	}
}

func call(told terms) {
	bodies := make([][]byte, count)
	random := rand.New(rand.NewSource(64))
	for i := range bodies {
		bodies[i] = make([]byte, told.size)
		random.Read(bodies[i])
	}
	callers := make([]*caller, told.callers)
	for i := range callers {
		callers[i] = &caller{path: told.path}
		if !told.fresh {
			callers[i].client = connect(told.path)
		}
	}
	if told.crowded {
		for i := 0; i < crowd; i++ {
			idle := &caller{path: told.path, client: connect(told.path), nanos: make([]int64, 1)}
			idle.calls(bodies, 1, 0)
		}
	}
	fmt.Println("READY")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.SplitN(lines.Text(), " ", 5)
		if len(words) != 5 || words[0] != "run" {
			check(fmt.Errorf("unknown command '%s'", lines.Text()))
		}
		run(callers, bodies, number(words[1]), number(words[2]), time.Duration(number(words[3])), words[4])
	}
}

// run has each caller make its lead; when all have, the measured calls begin.
func run(callers []*caller, bodies [][]byte, lead, calls int, interval time.Duration, file string) {
	var led, done sync.WaitGroup
	start := make(chan struct{})
	for _, c := range callers {
		c := c
		c.nanos = make([]int64, max(lead, calls))
		led.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			c.calls(bodies, lead, interval)
			led.Done()
			<-start
			c.calls(bodies, calls, interval)
		}()
	}
	led.Wait()
	cpu, begin := cpuNanos(), time.Now()
	close(start)
	done.Wait()
	wall := time.Since(begin)
	cpu = cpuNanos() - cpu

	samples, err := os.Create(file)
	check(err)
	for _, c := range callers {
		check(binary.Write(samples, native(), c.nanos[:calls]))
	}
	check(samples.Close())
	fmt.Printf("DONE calls=%d wall_nanos=%d cpu_nanos=%d\n", calls*len(callers), wall.Nanoseconds(), cpu)
}

// native is the byte order of this machine.
func native() binary.ByteOrder {
	if *(*byte)(unsafe.Pointer(&[]uint16{1}[0])) == 1 {
		return binary.LittleEndian
	}
	return binary.BigEndian
}

func max(a, b int) int {
	if a > b {
		return a
	}
	return b
}
