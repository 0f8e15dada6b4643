//go:build streams

package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"posixsocket/interop"
)

type streams struct{}

func registerStreams(server *ttrpc.Server) {
	interop.RegisterStreamsService(server, streams{})
}

// Does what the text of an item says: whether to end, and how.
func obey(ctx context.Context, text string) (bool, error) {
	switch {
	case text == "stop":
		return true, nil
	case text == "fail":
		return true, status.Error(codes.FailedPrecondition, "failed as told")
	case strings.HasPrefix(text, "hold"):
		say("holding", text)
		<-ctx.Done()
		say("cancelled", text)
		return true, ctx.Err()
	}
	return false, nil
}

func (streams) Sum(ctx context.Context, requests interop.Streams_SumServer) (*interop.Item, error) {
	sum := &interop.Item{}
	for {
		request, err := requests.Recv()
		if err == io.EOF {
			return sum, nil
		}
		if err != nil {
			return nil, err
		}
		sum.Number += request.Number
		if end, err := obey(ctx, request.Text); err != nil {
			return nil, err
		} else if end {
			return sum, nil
		}
	}
}

func (streams) Count(ctx context.Context, request *interop.Item, replies interop.Streams_CountServer) error {
	for n := int64(1); n <= request.Number; n++ {
		if err := replies.Send(&interop.Item{Number: n}); err != nil {
			return err
		}
	}
	_, err := obey(ctx, request.Text)
	return err
}

func (streams) Chat(ctx context.Context, items interop.Streams_ChatServer) error {
	for {
		item, err := items.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if end, err := obey(ctx, item.Text); end {
			return err
		}
		if err := items.Send(item); err != nil {
			return err
		}
	}
}

// steps: send=TEXT:NUMBER (the first one is the request of Count), close, receive, leave.
func callStream(client *ttrpc.Client, method string, millis int64, steps []string) string {
	ctx, cancel := within(millis)
	defer cancel()
	desc := &ttrpc.StreamDesc{StreamingClient: method != "Count", StreamingServer: method != "Sum"}
	var request interface{}
	if !desc.StreamingClient {
		request, steps = item(steps[0]), steps[1:]
	}
	stream, err := client.NewStream(ctx, desc, "interop.v1.Streams", method, request)
	if err != nil {
		return failure(err)
	}
	received := []string{"ok"}
	for _, step := range steps {
		switch {
		case step == "leave":
			cancel()
		case step == "close":
			err = stream.CloseSend()
		case step == "receive":
			reply := &interop.Item{}
			err = stream.RecvMsg(reply)
			if err == io.EOF {
				received, err = append(received, "end"), nil
			} else if err == nil {
				received = append(received, fmt.Sprintf("%s:%d", reply.Text, reply.Number))
			}
		default:
			err = stream.SendMsg(item(step))
		}
		if err != nil {
			return strings.Join(append(received, failure(err)), "|")
		}
	}
	return strings.Join(received, "|")
}

func item(step string) *interop.Item {
	text, value, _ := strings.Cut(strings.TrimPrefix(step, "send="), ":")
	return &interop.Item{Text: text, Number: number(value)}
}
