// Package native is a client of version 5 of the native protocol for tests that
// want the bytes of the answers as they came.
package native

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
)

// Session speaks version 5 of the native protocol, and hands out the bytes of
// the cells as they came. It implements conformance.Session.
type Session struct{ client *wiretest.Client }

const consistencyOne = 0x0001

// Connect logs in as user "token" with a token, or as nobody without one.
func Connect(address, token string) (*Session, error) {
	client, err := wiretest.Dial(address, wire.V5)
	if err != nil {
		return nil, err
	}
	if err := client.Login("token", token, nil); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return &Session{client}, nil
}

// Close ends the connection.
func (s *Session) Close() error { return s.client.Close() }

// Run implements conformance.Session.
func (s *Session) Run(ctx context.Context, r conformance.Request) (*conformance.Answer, error) {
	a, err := s.run(r)
	for range indexWaits {
		if err != nil || a.Err == nil || a.Err.Code != cqlerr.ReadFailure || !strings.Contains(a.Err.Message, "INDEX_") {
			break
		}
		select {
		case <-time.After(indexWait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		a, err = s.run(r)
	}
	return a, err
}

// An index is built in the background; until then reads that need it fail. They
// are asked again so often, after so long.
const (
	indexWaits = 100
	indexWait  = 100 * time.Millisecond
)

func (s *Session) run(r conformance.Request) (*conformance.Answer, error) {
	params := wire.QueryParams{Consistency: consistencyOne, SerialConsistency: 0x0008, PageSize: -1, HasNowInSeconds: r.HasNow, NowInSeconds: r.Now}
	if r.Batch != nil {
		return s.batch(r.Batch, params)
	}
	if r.PageSize > 0 {
		params.PageSize = int32(r.PageSize)
	}
	var prepared *wire.PreparedResult
	if r.Values != nil {
		res, err := s.do(wire.OpPrepare, &wire.Prepare{Text: r.Statement})
		if err != nil {
			return refused(err)
		}
		prepared = &res.Prepared
		if params.Values, err = bind(prepared.Bind.Columns, r.Values); err != nil {
			return nil, err
		}
	}
	a := &conformance.Answer{}
	for ; ; a.PageEnds = append(a.PageEnds, len(a.Rows)) {
		res, err := s.page(r.Statement, prepared, params, a)
		if err != nil {
			return refused(err)
		}
		if params.PagingState = res.PagingState; params.PagingState == nil {
			return a, nil
		}
	}
}

// batch sends a BATCH, and before it the PREPARE of each entry with values.
func (s *Session) batch(b *conformance.Batch, params wire.QueryParams) (*conformance.Answer, error) {
	params.HasTimestamp, params.Timestamp = b.HasTimestamp, b.Timestamp
	message := &wire.Batch{Kind: uint8(b.Kind), Params: params}
	for _, e := range b.Entries {
		if e.Values == nil {
			message.Add(wire.BatchEntry{Text: e.Statement})
			continue
		}
		res, err := s.do(wire.OpPrepare, &wire.Prepare{Text: e.Statement})
		if err != nil {
			return refused(err)
		}
		values, err := bind(res.Prepared.Bind.Columns, e.Values)
		if err != nil {
			return nil, err
		}
		message.Add(wire.BatchEntry{ID: res.Prepared.ID}, values...)
	}
	a := &conformance.Answer{}
	if _, err := s.add(wire.OpBatch, message, a); err != nil {
		return refused(err)
	}
	return a, nil
}

// page fetches one page and adds its rows to a.
func (s *Session) page(statement string, prepared *wire.PreparedResult, params wire.QueryParams, a *conformance.Answer) (*wire.RowsResult, error) {
	var body wire.Body = &wire.Query{Text: statement, Params: params}
	op := wire.OpQuery
	if prepared != nil {
		op, body = wire.OpExecute, &wire.Execute{ID: prepared.ID, ResultMetadataID: prepared.ResultMetadataID, Params: params}
	}
	return s.add(op, body, a)
}

// add sends a request and adds the rows of its answer to a.
func (s *Session) add(op wire.Opcode, body wire.Body, a *conformance.Answer) (*wire.RowsResult, error) {
	response, err := s.client.Do(op, body)
	if err != nil {
		return nil, err
	}
	a.Warnings = append(a.Warnings, response.Warnings...)
	res, err := response.Result()
	if err != nil || res.Kind != wire.ResultRows {
		return &res.Rows, err
	}
	a.Columns = []conformance.Column{}
	for _, c := range res.Rows.Columns {
		a.Columns = append(a.Columns, conformance.Column{Name: c.Name, Type: native(c.Type)})
	}
	a.Rows = append(a.Rows, res.Rows.Rows...)
	return &res.Rows, nil
}

func (s *Session) do(op wire.Opcode, body wire.Body) (wire.Result, error) {
	response, err := s.client.Do(op, body)
	if err != nil {
		return wire.Result{}, err
	}
	return response.Result()
}

func bind(markers []wire.Column, values []conformance.Value) ([]wire.Value, error) {
	var list []wire.Value
	for i, v := range values {
		b := wire.Value{Unset: v.Unset()}
		if i < len(markers) && !b.Unset {
			var err error
			if b.Bytes, err = v.Wire(native(markers[i].Type)); err != nil {
				return nil, fmt.Errorf("value %d: %w", i, err)
			}
		}
		list = append(list, b)
	}
	return list, nil
}

// native is t with the vectors that the wire names by their class.
func native(t *cqltype.Type) *cqltype.Type {
	if t.Kind == cqltype.Custom {
		if v, _, err := cqltype.ParseClassName(t.Class); err == nil {
			return v
		}
		return t
	}
	if len(t.Elems) == 0 {
		return t
	}
	c := *t
	c.Elems = make([]*cqltype.Type, len(t.Elems))
	for i, e := range t.Elems {
		c.Elems[i] = native(e)
	}
	return &c
}

// refused makes an answer of an ERROR; other errors stay errors.
func refused(err error) (*conformance.Answer, error) {
	var e *cqlerr.Error
	if !errors.As(err, &e) {
		return nil, err
	}
	return conformance.Refused(e), nil
}
