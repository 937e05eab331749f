package grpc

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	rpc "google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// streaming makes the handler of a method that answers messages as they come:
// each begins at once, beside the others, and is answered when it is done.
func streaming(execute executor, counted func(*metrics) *methodMetrics) rpc.StreamHandler {
	return func(srv any, grpcStream rpc.ServerStream) error {
		s := srv.(*Server)
		s.metrics.streams.Inc()
		defer s.metrics.streams.Dec()
		ctx := grpcStream.Context()
		who, err := s.authenticate(ctx)
		if err != nil {
			o := outcomeOf(err)
			counted(s.metrics).observe(o.code, 0)
			return status.Error(o.code, o.text)
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		st := &stream{server: s, grpc: grpcStream, ctx: ctx, cancel: cancel, who: who, execute: execute, metrics: counted(s.metrics), places: make(chan struct{}, maxStreamInFlight)}
		return st.serve()
	}
}

// stream is one call of a streaming method.
type stream struct {
	server  *Server
	grpc    rpc.ServerStream
	ctx     context.Context
	cancel  func()
	who     Session
	execute executor
	metrics *methodMetrics
	// places holds one for each message that is worked on.
	places  chan struct{}
	running sync.WaitGroup

	mu  sync.Mutex // sends one answer at a time
	err error      // the first that sending had
}

// serve works until the client has no more messages or the server drains, and
// until all that came is answered.
func (st *stream) serve() error {
	messages, ended := make(chan *message), make(chan error, 1)
	stop := make(chan struct{})
	defer close(stop)
	go st.receive(messages, ended, stop) // ends with the stream, at the latest
	err := st.dispatch(messages, ended)
	st.running.Wait()
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.err != nil {
		return st.err
	}
	return err
}

// receive hands on what the client sends.
func (st *stream) receive(messages chan<- *message, ended chan<- error, stop <-chan struct{}) {
	for {
		m := new(message)
		err := st.grpc.RecvMsg(m)
		if err == nil {
			err = m.hold(st.ctx, st.server.bytes)
		}
		if err != nil {
			m.free()
			ended <- err
			return
		}
		select {
		case messages <- m:
		case <-stop:
			m.free()
			return
		}
	}
}

// dispatch starts the work on each message.
func (st *stream) dispatch(messages <-chan *message, ended <-chan error) error {
	for {
		select {
		case m := <-messages:
			select {
			case st.places <- struct{}{}:
			case <-st.ctx.Done():
				m.free()
				return st.ctx.Err()
			}
			st.running.Add(1)
			go st.run(m)
		case err := <-ended:
			if errors.Is(err, io.EOF) {
				return nil
			}
			st.cancel() // the client has gone, or sends what can't be read
			return err
		case <-st.server.closing:
			return status.Error(codes.Unavailable, "The server is shutting down")
		}
	}
}

// run answers one message.
func (st *stream) run(m *message) {
	defer func() {
		m.free()
		<-st.places
		st.running.Done()
	}()
	began := time.Now()
	a, err := st.server.answer(st.ctx, st.who, m.bytes(), st.execute)
	m.free() // the client reads for as long as it likes
	if err != nil {
		o := outcomeOf(err)
		st.metrics.observe(o.code, time.Since(began))
		c := newCall(st.server, st.ctx)
		if c.out, err = o.appendStatus(c.out); err != nil {
			st.server.log.Error("gRPC: a status that can't be encoded", "error", err)
		}
		st.send(answer{tag: tagStatus, call: c})
		return
	}
	st.metrics.observe(codes.OK, time.Since(began))
	a.tag = tagResponse
	st.send(a)
}

// send waits as long as the client leaves answers unread.
func (st *stream) send(a answer) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.err != nil {
		a.call.end()
		return
	}
	if st.err = st.grpc.SendMsg(a); st.err != nil {
		st.cancel()
	}
}
