package migrate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// The pauses between two tries of a statement.
const (
	firstPause = 100 * time.Millisecond
	longPause  = 5 * time.Second
)

// maxShapes bounds how many prepared statements are kept: a table has one for
// each combination of columns that its rows have.
const maxShapes = 2048

// executor runs statements on one back end.
type executor struct {
	back     backend.Backend
	patience time.Duration
	mu       sync.Mutex
	prepared map[string]*backend.Prepared
}

func newExecutor(back backend.Backend, patience time.Duration) *executor {
	return &executor{back: back, patience: patience, prepared: map[string]*backend.Prepared{}}
}

// prepare returns the prepared form of a text, kept from earlier.
func (e *executor) prepare(ctx context.Context, text string) (*backend.Prepared, error) {
	e.mu.Lock()
	p := e.prepared[text]
	e.mu.Unlock()
	if p != nil {
		return p, nil
	}
	parsed, err := cql.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	if p, err = e.back.Prepare(ctx, parsed.Statement, parsed.Markers, ""); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.prepared) >= maxShapes {
		clear(e.prepared)
	}
	e.prepared[text] = p
	return p, nil
}

// run executes a statement once.
func (e *executor) run(ctx context.Context, s statement) (*backend.Result, error) {
	return e.page(ctx, s, 0, nil)
}

// page executes a statement once for one page of its rows.
func (e *executor) page(ctx context.Context, s statement, size int, state []byte) (*backend.Result, error) {
	p, err := e.prepare(ctx, s.text)
	if err != nil {
		return nil, err
	}
	q := s.query()
	q.Values, q.PageSize, q.PagingState = bound(s.values), size, state
	return e.back.Execute(ctx, p, q)
}

// batch executes statements of one partition once, all or nothing.
func (e *executor) batch(ctx context.Context, all []statement) error {
	if len(all) == 1 {
		_, err := e.run(ctx, all[0])
		return err
	}
	b := &backend.Batch{Kind: cql.Unlogged, Query: *all[0].query()}
	for _, s := range all {
		p, err := e.prepare(ctx, s.text)
		if err != nil {
			return err
		}
		b.Entries = append(b.Entries, backend.BatchEntry{Prepared: p, Values: bound(s.values)})
	}
	_, err := e.back.ExecuteBatch(ctx, b)
	return err
}

func (s *statement) query() *backend.Query {
	q := &backend.Query{Consistency: backend.LocalQuorum, SerialConsistency: backend.LocalSerial}
	if s.now != 0 {
		q.NowInSeconds, q.HasNowInSeconds = int32(s.now), true
	}
	return q
}

func bound(values [][]byte) []backend.Value {
	all := make([]backend.Value, len(values))
	for i, v := range values {
		all[i].Bytes = v
	}
	return all
}

// retry calls try until it succeeds, fails for good, or patience ends. try
// learns how often it was called before.
func (e *executor) retry(ctx context.Context, try func(before int) error) error {
	deadline := time.Now().Add(e.patience)
	pause := firstPause
	for before := 0; ; before++ {
		err := try(before)
		if err == nil || !temporary(err) || ctx.Err() != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the target took no write for %s: %w", e.patience, err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		pause = min(2*pause, longPause)
	}
}

// temporary reports whether an error may be gone a moment later: what Cassandra
// answers while nodes are down or busy, and what breaks connections.
func temporary(err error) bool {
	var e *cqlerr.Error
	if !errors.As(err, &e) {
		return true
	}
	switch e.Code {
	case cqlerr.Unavailable, cqlerr.Overloaded, cqlerr.Bootstrapping, cqlerr.WriteTimeout, cqlerr.ReadTimeout,
		cqlerr.ReadFailure, cqlerr.WriteFailure, cqlerr.ServerError, cqlerr.Unprepared, cqlerr.CASWriteUnknown:
		return true
	}
	return false
}
