package main

import (
	"context"
	"errors"
	"sort"
	"sync"
	"time"

	"github.com/containerd/ttrpc"
	"github.com/golang/protobuf/ptypes/any"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"posixsocket/interop"
)

type unary struct {
	mu   sync.Mutex
	held map[string]chan struct{} // closed by Release; guarded by mu
}

func (u *unary) Echo(ctx context.Context, request *interop.Item) (*interop.Item, error) {
	return request, nil
}

func (u *unary) Told(ctx context.Context, request *interop.Item) (*interop.Item, error) {
	told := &interop.Item{}
	if metadata, ok := ttrpc.GetMetadata(ctx); ok {
		for key, values := range metadata {
			for _, value := range values {
				told.List = append(told.List, key+"="+value)
			}
		}
	}
	sort.Strings(told.List)
	if deadline, ok := ctx.Deadline(); ok {
		told.Number = time.Until(deadline).Milliseconds()
	}
	return told, nil
}

func (u *unary) Sleep(ctx context.Context, request *interop.Item) (*interop.Item, error) {
	time.Sleep(time.Duration(request.Number) * time.Millisecond)
	return request, nil
}

func (u *unary) latch(name string) chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.held[name] == nil {
		u.held[name] = make(chan struct{})
	}
	return u.held[name]
}

func (u *unary) Hold(ctx context.Context, request *interop.Item) (*interop.Item, error) {
	latch := u.latch(request.Text)
	say("holding", request.Text)
	select {
	case <-latch:
		return request, nil
	case <-ctx.Done():
		say("cancelled", request.Text)
		return nil, ctx.Err()
	}
}

func (u *unary) Release(ctx context.Context, request *interop.Item) (*interop.Item, error) {
	close(u.latch(request.Text))
	return request, nil
}

func (u *unary) Fail(ctx context.Context, request *interop.Item) (*interop.Item, error) {
	if request.Number == 0 {
		return nil, errors.New(request.Text)
	}
	item := append([]byte{0x0a, byte(len(request.Text))}, request.Text...) // an Item on the wire
	detail := &any.Any{TypeUrl: "type.googleapis.com/interop.v1.Item", Value: item}
	failure := &spb.Status{Code: int32(request.Number), Message: request.Text, Details: []*any.Any{detail}}
	return nil, status.FromProto(failure).Err()
}

func (u *unary) Take(ctx context.Context, request *interop.Item) (*interop.Item, error) {
	return &interop.Item{Number: int64(len(request.Data))}, nil
}

func (u *unary) Give(ctx context.Context, request *interop.Item) (*interop.Item, error) {
	return &interop.Item{Data: make([]byte, request.Number)}, nil
}
